import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { tracesIn } from "../../test/e2e/harness/traces.ts"
import { Simulator } from "../../test/simulator/index.ts"
import { liveSession, type Run } from "./live-session.ts"
import { type Kill, planKills } from "./plan-turn.ts"
import { requestPromises } from "./request-promises.ts"
import type { Broken, SeenRequest, SeenTurn } from "./seen.ts"
import { SimulatedModels } from "./simulated-models.ts"
import type { HostVersion } from "./soak-host.ts"
import { startSoakHost1 } from "./soak-host-1.ts"
import { startSoakHost2 } from "./soak-host-2.ts"
import { SoakServer } from "./soak-server.ts"
import { makeWorld, type World } from "./soak-world.ts"
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

/** Many sessions at once on two servers with one store, whose models fail at random, the same way for the same seed. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  await using cleanup = new AsyncDisposableStack()
  const simulator = cleanup.use(await Simulator.start())
  const state = await mkdtemp(join(tmpdir(), "understudy-home-state-"))
  cleanup.defer(() => rm(state, { recursive: true, force: true }))
  const world = makeWorld(options.servers, simulator.origin)
  const models = new SimulatedModels(simulator, options.seed, world)
  const hostOptions = { ...world.options, environment: { XDG_STATE_HOME: state } }
  const start = { 1: startSoakHost1, 2: startSoakHost2 }
  const servers = await Promise.all(
    options.servers.map(async (version, number) =>
      cleanup.use(new SoakServer(number, await start[version](hostOptions))),
    ),
  )
  await Promise.all(servers.map((server) => warmUp(server, world)))
  const startedAtMs = performance.now()
  const endAtMs = startedAtMs + options.seconds * 1_000
  const turns: SeenTurn[] = []
  const broken: Broken[] = []
  const tell = async (found: readonly Broken[], server: SoakServer | undefined): Promise<void> => {
    broken.push(...found)
    for (const each of found) options.onBroken?.(each, models.requests(), await logOf(server, each))
  }
  const run: Run = {
    seed: options.seed,
    world,
    models,
    servers,
    escapes: [],
    cutShort: new Set(),
    endAtMs,
    settledAtMs: endAtMs + options.settleSeconds * 1_000,
    onTurn: async (turn, server) => {
      turns.push(turn)
      options.onTurn?.(turn, models.requests())
      await tell(turnPromises(turn, models.requests()), server)
    },
  }
  const cutting = cutPower(servers, planKills(options.seed, options.seconds), startedAtMs)
  await Promise.all(Array.from({ length: options.sessions }, (_, number) => liveSession(run, number)))
  const kills = await cutting
  const { escapes, cutShort } = run
  const chains = [...world.chains, world.helper].map((chain) => chain.models)
  await tell(requestPromises({ requests: models.requests(), escapes, chains, kills, cutShort }), undefined)
  for (const server of servers) await tell(await serverPromises(server, turns), server)
  return { turns, requests: models.requests(), faults: models.faults, kills, broken }
}

/** The first turn of a process is slow, and says nothing. */
async function warmUp(server: SoakServer, { helper }: World): Promise<void> {
  const session = await (await server.ready()).newSession()
  await session.prompt("hello", helper)
  await session.rest(60_000)
}

/** Carries out the power cuts. @returns when they were */
async function cutPower(
  servers: readonly SoakServer[],
  kills: readonly Kill[],
  startedAtMs: number,
): Promise<readonly Kill[]> {
  const done: Kill[] = []
  for (const kill of kills) {
    await Bun.sleep(Math.max(0, startedAtMs + kill.atMs - performance.now()))
    done.push({ ...kill, atMs: performance.now() })
    await servers[kill.server]?.kill()
  }
  return done
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

const ownFault = /fault of our own|understudy.*(?:TypeError|unhandled)/i
const mostLogLines = 15

/** Our own lines of the log that tell of the session, or, where they name none, the last ones. */
async function logOf(server: SoakServer | undefined, { session }: Broken): Promise<readonly string[]> {
  if (!server) return []
  const lines = (await (await server.ready()).logs()).split("\n")
  const ours = lines.filter((line) => tracesIn(line).length > 0)
  const about = ours.filter((line) => session !== "" && line.includes(session))
  return (about.length > 0 ? about : ours).slice(-mostLogLines).map((line) => line.slice(0, 300))
}
