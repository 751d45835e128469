import { join } from "node:path"
import { readdir } from "node:fs/promises"
import { closedPort, Simulator } from "../../simulator/index.ts"
import type { ProtocolName } from "../../simulator/index.ts"
import { record, string } from "../../simulator/protocol/json.ts"
import { makeApi } from "./api.ts"
import type { Api } from "./api.ts"
import { ChainPool, makeChains } from "./chains.ts"
import type { Chain } from "./chains.ts"
import { startChild } from "./child-process.ts"
import type { Child } from "./child-process.ts"
import { EventLog } from "./event-log.ts"
import type { EventPredicate, HostEvent } from "./event-log.ts"
import { makeHome } from "./home.ts"
import type { Home } from "./home.ts"
import { writeConfig } from "./host-config.ts"
import type { HostOptions } from "./host-options.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import { FAMILY, POOL_SIZE } from "./providers.ts"
import { Session } from "./session.ts"

const START_TIMEOUT_MS = 20_000

export interface Toast {
  readonly title: string
  readonly message: string
  readonly variant: string
}

/** A running `opencode serve` with a home and a simulator of its own. */
export interface Host extends AsyncDisposable {
  readonly url: string
  readonly api: Api
  readonly home: Home
  readonly simulator: Simulator
  readonly events: EventLog
  /** From the start of the process to the answer to the first API call, in milliseconds. */
  readonly startMs: number
  /** An agent whose chain has these protocols; no other scenario gets its models. */
  chain(...protocols: readonly ProtocolName[]): Chain
  /** Models that no other scenario gets, without an agent or a chain; protocols in turn. */
  models(count: number, protocols?: readonly ProtocolName[]): readonly string[]
  /** A new session. It has a title, so that OpenCode asks no model for one; `title: undefined` makes it ask. */
  session(options?: { readonly title?: string | undefined; readonly parentID?: string }): Promise<Session>
  waitForEvent(matches: EventPredicate, timeoutMs?: number): Promise<HostEvent>
  /** Toasts so far, of all sessions; those whose text holds `about`, if given (a chain's model, say). */
  toasts(about?: string): readonly Toast[]
  /** OpenCode's log and what the process printed. */
  logs(): Promise<string>
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  await using cleanup = new AsyncDisposableStack()
  const simulator = cleanup.use(await Simulator.start())
  const home = cleanup.use(await makeHome(options.environment))
  const chains = makeChains(options.chains)
  const closed = `http://127.0.0.1:${await closedPort()}`
  await writeConfig(home, options, chains, { live: simulator.origin, closed })
  const startedMs = performance.now()
  const child = cleanup.use(
    startChild([opencodeBinary(), "serve", "--port", "0", "--hostname", "127.0.0.1"], {
      cwd: home.project,
      environment: home.environment,
    }),
  )
  const logs = (): Promise<string> => readLogs(home, child)
  const url = await listeningUrl(child).catch(async (error: unknown) => {
    throw new Error(`OpenCode did not start.\n${(await logs()).slice(-4_000)}`, { cause: error })
  })
  const events = cleanup.use(await EventLog.open(url))
  const startMs = performance.now() - startedMs
  const api = makeApi(url)
  const pool = new ChainPool(chains)
  const kept = cleanup.move()
  return {
    url,
    api,
    home,
    simulator,
    events,
    startMs,
    chain: (...protocols) => pool.take(protocols),
    models: modelPool(),
    session: async (session = { title: "scenario" }) => {
      const created = record(await api.post("/session", session))
      return new Session(string(created["id"]), api, events)
    },
    waitForEvent: (matches, timeoutMs) => events.waitFor(matches, timeoutMs),
    toasts: (about = "") => events.all.flatMap(toToast).filter((toast) => textOf(toast).includes(about)),
    logs,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const textOf = (toast: Toast): string => `${toast.title} ${toast.message}`

function toToast(event: HostEvent): readonly Toast[] {
  if (event.type !== "tui.toast.show") return []
  const { title, message, variant } = event.properties
  return [{ title: string(title), message: string(message), variant: string(variant) }]
}

function modelPool(): Host["models"] {
  const taken = new Map<ProtocolName, number>()
  return (count, protocols = ["chat"]) =>
    Array.from({ length: count }, (_, index) => {
      const protocol = protocols[index % protocols.length] ?? "chat"
      const number = (taken.get(protocol) ?? 0) + 1
      if (number > POOL_SIZE) throw new Error(`All ${POOL_SIZE} pool models of ${protocol} are taken`)
      taken.set(protocol, number)
      return `${FAMILY[protocol]}/m${number}`
    })
}

/** Resolves with the URL that `opencode serve` prints; rejects if it exits or takes too long. */
function listeningUrl(child: Child): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const timer = setTimeout(() => reject(new Error(`no URL within ${START_TIMEOUT_MS} ms`)), START_TIMEOUT_MS)
  child.process.stdout?.on("data", () => {
    const url = /listening on (http\S+)/.exec(child.stdout())?.[1]
    if (url !== undefined) resolve(url)
  })
  void child.exited.then((code) => reject(new Error(`exited with ${code}`)))
  return promise.finally(() => clearTimeout(timer))
}

export async function readLogs(home: Home, child: Child): Promise<string> {
  const folder = join(home.data, "log")
  const names = await readdir(folder).catch(() => [])
  const files = await Promise.all(names.map((name) => Bun.file(join(folder, name)).text()))
  return [...files, child.stdout(), child.stderr()].join("\n")
}
