import { join } from "node:path"
import { type Json, record, records, string } from "../../../simulator/protocol/json.ts"
import type { Served, ToolInput } from "../any-host.ts"
import { type Api, makeApi } from "../api.ts"
import { makeChains } from "../chains.ts"
import { startChild } from "../child-process.ts"
import { EventLog, type EventSource } from "../event-log.ts"
import type { Home } from "../home.ts"
import type { HostOptions } from "../host-options.ts"
import { listeningUrl } from "../listening-url.ts"
import type { RunOptions, RunResult } from "../run.ts"
import { toastsOf } from "../toasts.ts"
import { untilShown } from "../until-shown.ts"
import { makeWorkplace, type Workplace } from "../workplace.ts"
import { binary2 } from "./find-binary.ts"
import { runOpenCode2 } from "./run.ts"
import { modelOf, modelReference2, Session2, type SessionDeps } from "./session.ts"

const READY_TIMEOUT_MS = 120_000
/** A project that was opened before anybody listened is told of no more. */
const READ_TIMEOUT_MS = 10_000

/** A running `opencode serve` of OpenCode 2 in whatever home; it ends with its disposal, and with us. */
export interface Served2 extends Served {
  session(options?: { readonly title?: string | undefined; readonly model?: string }): Promise<Session2>
  /** A session that exists already. */
  openSession(id: string): Session2
  /** What OpenCode says of each plugin that is not its own. */
  plugins(): Promise<readonly Plugin2[]>
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** A running OpenCode 2 in a workplace of its own. */
export interface Host2 extends Served2, Workplace {
  /** `opencode run` with a server of its own in the same home. */
  run(message: readonly string[], options?: RunOptions): Promise<RunResult>
  /** Ends the server as a power cut would, and starts it again in the same home: as the service, which resumes turns. */
  killAndRestart(as?: "server" | "service"): Promise<Host2>
}

export interface Plugin2 {
  readonly id: string
  readonly status: string
  readonly error: string | undefined
}

const password = "only-for-the-test"
const authorization = { authorization: `Basic ${btoa(`opencode:${password}`)}` }

const eventSource: EventSource = {
  path: "/api/event",
  headers: authorization,
  read: ({ type, data, location }) =>
    typeof type === "string"
      ? { type, properties: record(data), directory: string(record(location)["directory"] ?? "") }
      : undefined,
}

/** @throws Error where there is no OpenCode 2 for this machine; see `findOpenCode2` */
export async function startHost2(options: HostOptions = {}): Promise<Host2> {
  await using cleanup = new AsyncDisposableStack()
  const workplace = cleanup.use(await makeWorkplace(options))
  const kept = cleanup.move()
  return startIn(workplace, options, kept)
}

async function startIn(
  workplace: Workplace,
  options: HostOptions,
  kept: AsyncDisposableStack,
  as: "server" | "service" = "server",
): Promise<Host2> {
  await using cleanup = kept
  const { home } = workplace
  const [lastAgent = "build"] = [
    ...Object.keys(record(options.opencode?.["agent"])),
    ...makeChains(options).map((chain) => chain.agent),
  ].slice(-1)
  const served = cleanup.use(
    await serve2(home, { agent: lastAgent, hasPlugin: options.plugin !== "none" }, as).catch(
      async (error: unknown) => {
        throw new Error(`${String(error)}\n${(await ownLog(home)).slice(-4_000)}`, { cause: error })
      },
    ),
  )
  if ((options.plugin ?? "dist") === "dist") refuseBrokenPlugin(await served.plugins())
  workplace.simulator.shownBy(untilShown(served.events))
  const rest = cleanup.move()
  return {
    ...workplace,
    ...served,
    run: (message, runOptions) => runOpenCode2(home, message, runOptions),
    killAndRestart: async (next) => {
      await served.kill()
      return startIn(workplace, options, rest, next)
    },
    logs: async () =>
      [...(await workplace.logs()).split("\n").filter(isTelling), served.output(), await ownLog(home)].join(
        "\n",
      ),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** What has to be there before OpenCode 2 counts as started; agents come one after the other, `agent` is the last. */
type Awaited2 = { readonly agent: string; readonly hasPlugin: boolean }

/** Starts OpenCode 2 in a home whose configuration is written. */
export async function serve2(
  home: Home,
  awaited: Awaited2,
  as: "server" | "service" = "server",
): Promise<Served2> {
  await using cleanup = new AsyncDisposableStack()
  const startedMs = performance.now()
  const environment = { ...home.environment, OPENCODE_PASSWORD: password }
  const flags = as === "service" ? ["--service"] : []
  const command = [await binary2(), "serve", ...flags, "--port", "0", "--hostname", "127.0.0.1"]
  const child = cleanup.use(startChild(command, { cwd: home.project, environment }))
  const url = await listeningUrl(child)
  const events = cleanup.use(await EventLog.open(url, eventSource))
  const over = new AbortController()
  const api = makeApi(url, authorization, over.signal)
  const place = `location[directory]=${encodeURIComponent(home.project)}`
  await ready(api, events, place, awaited)
  const startMs = performance.now() - startedMs
  const deps: SessionDeps = {
    api,
    events,
    agentModel: async (agent) =>
      modelOf(record(record(await api.get(`/api/agent/${agent}?${place}`))["data"])["model"]) || undefined,
  }
  const kept = cleanup.move()
  return {
    version: 2,
    url,
    pid: child.pid,
    api,
    events,
    startMs,
    session: async ({ model, ...session } = { title: "scenario" }) => {
      const body = {
        ...session,
        location: { directory: home.project },
        ...(model !== undefined && { model: modelReference2(model) }),
      }
      const created = record(record(await api.post("/api/session", body))["data"])
      return new Session2(string(created["id"]), deps)
    },
    openSession: (id) => new Session2(id, deps),
    waitForEvent: (matches, timeoutMs) => events.waitFor(matches, timeoutMs),
    ...toastsOf(events),
    tools,
    output: () => `${child.stdout()}\n${child.stderr()}`,
    plugins: () => readPlugins(api, place),
    kill: async () => {
      await events[Symbol.asyncDispose]()
      child.kill("SIGKILL")
      await child.exited
      over.abort(new Error("the server was killed"))
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

const tools = {
  read: (file: string): ToolInput => ["read", { path: file }],
  shell: (command: string): ToolInput => ["shell", { command }],
  subagent: (agent: string, prompt: string): ToolInput => [
    "subagent",
    { agent, description: "Ask the other", prompt },
  ],
  // Models write a program that calls it.
  note: (about: string): ToolInput => [
    "execute",
    { code: `return await tools.notes.note(${JSON.stringify({ about })})` },
  ],
}

/** OpenCode 2 gives plugins no log: Understudy keeps one of its own. */
function ownLog({ path }: Home): Promise<string> {
  return Bun.file(join(path, "state/opencode-understudy/opencode-2.log"))
    .text()
    .catch(() => "")
}

/** Hundreds of lines that say that the configuration is in version 1's shape, and where files are watched. */
function isTelling(line: string): boolean {
  return !/configuration normalization diagnostic|message="watcher /.test(line)
}

/**
 * OpenCode reads a project's configuration in the background: a prompt before that runs without it. Its own plugins are
 * listed when that is done, together with the others; agents may be there long before.
 */
async function ready(
  api: Api,
  events: EventLog,
  place: string,
  { agent, hasPlugin }: Awaited2,
): Promise<void> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS
  const isReady = async (): Promise<boolean> => {
    const plugins = await listPlugins(api, place)
    if (!(hasPlugin ? plugins.some(isAdded) : plugins.length > 0)) return false
    return api.get(`/api/agent/${agent}?${place}`).then(
      () => true,
      () => false,
    )
  }
  // The question opens the project. Asked meanwhile, OpenCode would answer in the place of reading.
  if (!(await isReady()))
    await events.waitFor(({ type }) => type === "plugin.updated", READ_TIMEOUT_MS).catch(() => undefined)
  while (!(await isReady())) {
    if (performance.now() > deadlineMs) throw new Error("OpenCode 2 never read the project's configuration")
    await Bun.sleep(50)
  }
}

async function listPlugins(api: Api, place: string): Promise<readonly Json[]> {
  return records(record(await api.get(`/api/plugin?${place}`))["data"])
}

/** OpenCode's own are plugins as well. */
const isAdded = (plugin: Json): boolean => record(plugin["source"])["type"] !== "builtin"

async function readPlugins(api: Api, place: string): Promise<readonly Plugin2[]> {
  return (await listPlugins(api, place)).filter(isAdded).map((plugin) => {
    const { status, error, message } = record(plugin["state"])
    const said = error ?? message
    return {
      id: string(plugin["id"] ?? record(plugin["source"])["target"] ?? record(plugin["source"])["path"]),
      status: string(status),
      error: said === undefined ? undefined : JSON.stringify(said),
    }
  })
}

/** A plugin that fails to load is no more than a line in a list: a scenario would then test OpenCode alone. */
function refuseBrokenPlugin(plugins: readonly Plugin2[]): void {
  if (plugins.length > 0 && plugins.every(({ status }) => status === "active")) return
  throw new Error(`The plugin did not load: ${JSON.stringify(plugins)}`)
}
