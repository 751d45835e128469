import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { withinTime } from "../../src/async/within-time.ts"
import { tracesIn } from "../../test/e2e/harness/traces.ts"
import { Simulator } from "../../test/simulator/index.ts"
import { liveSession } from "./live-session.ts"
import { type Kill, planKills } from "./plan-turn.ts"
import { requestPromises } from "./request-promises.ts"
import type { Run } from "./run.ts"
import type { Broken, SeenRequest, SeenRun, SeenTurn } from "./seen.ts"
import { SimulatedModels } from "./simulated-models.ts"
import { startSoakHost1 } from "./soak-host-1.ts"
import { startSoakHost2 } from "./soak-host-2.ts"
import { SoakServer } from "./soak-server.ts"
import { type HostVersion, makeWorld, type World } from "./soak-world.ts"
import { turnPromises } from "./turn-promises.ts"

export type SoakOptions = {
  readonly seed: number
  /** How long turns are begun. */
  readonly seconds: number
  /** How long they are waited for then. */
  readonly settleSeconds: number
  /** Sessions at the same time. */
  readonly sessions: number
  /** One server for each; they share what is known of the models. */
  readonly servers: readonly HostVersion[]
  readonly onBroken?: (broken: Broken, requests: readonly SeenRequest[], log: readonly string[]) => void
  readonly onTurn?: (turn: SeenTurn, requests: readonly SeenRequest[]) => void
}

export type SoakResult = {
  readonly turns: readonly SeenTurn[]
  readonly requests: readonly SeenRequest[]
  /** How often each fault was met. */
  readonly faults: ReadonlyMap<string, number>
  readonly kills: readonly Kill[]
  readonly broken: readonly Broken[]
}

/** An OpenCode that starts after a power cut may wait a minute for a lock (1.18.33). */
const longestBeyondMs = 75_000

/** Many sessions at once on two servers with one store, whose models fail at random, the same way for the same seed. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  const { seed, seconds, sessions } = options
  await using cleanup = new AsyncDisposableStack()
  const simulator = cleanup.use(await Simulator.start())
  const world = makeWorld(simulator.origin)
  const models = new SimulatedModels(simulator, seed, world)
  const servers = await startServers(options.servers, world, cleanup)
  const turns: SeenTurn[] = []
  const broken: Broken[] = []
  const tell = async (found: readonly Broken[], log: () => Promise<readonly string[]>): Promise<void> => {
    broken.push(...found)
    for (const each of found) options.onBroken?.(each, models.requests(), await log())
  }
  const onTurn: Run["onTurn"] = async (turn, server) => {
    turns.push(turn)
    options.onTurn?.(turn, models.requests())
    await tell(turnPromises(turn, models.requests()), () => logOf(server, [turn.session, ...turn.chain]))
  }
  const startedAtMs = performance.now()
  const endAtMs = startedAtMs + seconds * 1_000
  const settledAtMs = endAtMs + options.settleSeconds * 1_000
  const run: Run = {
    seed,
    world,
    models,
    servers,
    escapes: [],
    kills: [],
    cutShort: new Set(),
    endAtMs,
    settledAtMs,
    doing: new Map(),
    onTurn,
  }
  const cutting = cutPower(run, planKills(seed, seconds, servers.length), startedAtMs)
  const living = Array.from({ length: sessions }, (_, number) => liveSession(run, number))
  const ended = await withinTime(
    Promise.all([...living, cutting]).then(() => true),
    settledAtMs - startedAtMs + longestBeyondMs,
  )
  const atEnd = await Promise.all(servers.map((server) => serverPromises(server, turns)))
  const found = [...(ended ? [] : [neverEnding(run)]), ...requestPromises(seenRun(run)), ...atEnd.flat()]
  await tell(found, () => Promise.resolve([]))
  return { turns, requests: models.requests(), faults: models.faults, kills: run.kills, broken }
}

function neverEnding({ doing, servers }: Run): Broken {
  const under = [...doing].map((each) => each.join(": ")).join("; ")
  const unanswered = servers.flatMap((server) => server.unanswered()).join(", ")
  const seen = `${under}; not answered: ${unanswered}`
  return { promise: "every turn ends", tag: "", session: "", expected: "an end of the run", seen }
}

async function startServers(
  versions: readonly HostVersion[],
  world: World,
  cleanup: AsyncDisposableStack,
): Promise<readonly SoakServer[]> {
  const state = await mkdtemp(join(tmpdir(), "understudy-home-state-"))
  cleanup.defer(() => rm(state, { recursive: true, force: true }))
  const hostOptions = { ...world.options, environment: { XDG_STATE_HOME: state } }
  const start = { 1: startSoakHost1, 2: startSoakHost2 }
  const servers = await Promise.all(
    versions.map(async (version, number) =>
      cleanup.use(new SoakServer(number, version, await start[version](hostOptions))),
    ),
  )
  await Promise.all(servers.map((server) => warmUp(server, world)))
  return servers
}

function seenRun({ models, escapes, kills, cutShort, world }: Run): SeenRun {
  const chains = [...world.chains, world.helper].map((chain) => chain.models)
  return { requests: models.requests(), escapes, chains, kills, cutShort }
}

/** The first turn of a process is slow, and says nothing. */
async function warmUp(server: SoakServer, { helper }: World): Promise<void> {
  const session = await (await server.ready()).newSession()
  await session.prompt("hello", helper)
  await session.rest(60_000)
}

/** Carries out the power cuts. */
async function cutPower(
  { servers, doing, kills }: Run,
  planned: readonly Kill[],
  startedAtMs: number,
): Promise<void> {
  for (const kill of planned) {
    await Bun.sleep(Math.max(0, startedAtMs + kill.atMs - performance.now()))
    kills.push({ ...kill, atMs: performance.now() })
    doing.set("power", `server ${kill.server} is started again`)
    await servers[kill.server]?.kill()
    doing.delete("power")
  }
}

/** What is seen of a server at the end of a run. */
async function serverPromises(server: SoakServer, turns: readonly SeenTurn[]): Promise<readonly Broken[]> {
  const host = await server.ready()
  const lines = (await host.logs()).split("\n")
  const session =
    turns.findLast((turn) => turn.server === server.number && turn.end.is === "answered")?.session ?? ""
  const traces = session === "" ? [] : tracesIn(await host.exported(session))
  const noted = { tag: "", session }
  return [
    ...lines
      .filter((line) => ownFault.test(line))
      .map((seen): Broken => ({
        ...noted,
        promise: "no fault of our own",
        expected: "no such line in the log",
        seen,
      })),
    ...traces.map((seen): Broken => ({
      ...noted,
      promise: "nothing of ours leaves or stays",
      expected: "no trace in the export",
      seen,
    })),
  ]
}

const ownFault = /internal error|understudy.*(?:TypeError|unhandled)/i
const mostLogLines = 15

/** Our own lines of the log that name the session or one of its models, the newest last. */
async function logOf(server: SoakServer, names: readonly string[]): Promise<readonly string[]> {
  const lines = (await (await server.ready()).logs()).split("\n")
  return lines
    .filter((line) => tracesIn(line).length > 0 && names.some((name) => line.includes(name)))
    .slice(-mostLogLines)
    .map((line) => line.slice(0, 300))
}
