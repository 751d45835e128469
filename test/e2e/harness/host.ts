import { record, string } from "../../simulator/protocol/json.ts"
import type { Served, ToolInput } from "./any-host.ts"
import { makeApi } from "./api.ts"
import { startChild } from "./child-process.ts"
import { EventLog, sessionOf } from "./event-log.ts"
import type { Home } from "./home.ts"
import type { HostOptions } from "./host-options.ts"
import { listeningUrl } from "./listening-url.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import { Session } from "./session.ts"
import { toastsOf } from "./toasts.ts"
import { untilShown } from "./until-shown.ts"
import { makeWorkplace, type Workplace } from "./workplace.ts"

/** A running `opencode serve` in whatever home. */
export interface Served1 extends Served {
  session(options?: { readonly title?: string | undefined; readonly parentID?: string }): Promise<Session>
  /** A session that exists already. */
  openSession(id: string): Session
  /** Ends it as a power cut would. */
  kill(): Promise<void>
}

/** A running `opencode serve` in a workplace of its own. */
export interface Host extends Served1, Workplace {
  /** Ends the server as a power cut would, and starts it again in the same home. */
  killAndRestart(): Promise<Host>
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  await using cleanup = new AsyncDisposableStack()
  const workplace = cleanup.use(await makeWorkplace(options))
  const kept = cleanup.move()
  return startIn(workplace, options, kept)
}

async function startIn(
  workplace: Workplace,
  options: HostOptions,
  kept: AsyncDisposableStack,
): Promise<Host> {
  await using cleanup = kept
  const served = cleanup.use(
    await serve(workplace.home).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${(await workplace.logs()).slice(-4_000)}`, { cause: error })
    }),
  )
  if ((options.plugin ?? "dist") === "dist") refuseBrokenPlugin(served.events)
  workplace.simulator.shownBy(untilShown(served.events))
  const rest = cleanup.move()
  return {
    ...workplace,
    ...served,
    killAndRestart: async () => {
      await served.kill()
      return startIn(workplace, options, rest)
    },
    logs: async () => `${await workplace.logs()}\n${served.output()}`,
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  }
}

/** Starts OpenCode in a home whose configuration is written; resolves when its first project is up. */
export async function serve(home: Home): Promise<Served1> {
  await using cleanup = new AsyncDisposableStack()
  const startedMs = performance.now()
  const command = [opencodeBinary(), "serve", "--port", "0", "--hostname", "127.0.0.1"]
  const child = cleanup.use(startChild(command, { cwd: home.project, environment: home.environment }))
  const url = await listeningUrl(child)
  const events = cleanup.use(await EventLog.open(url))
  const over = new AbortController()
  const api = makeApi(url, {}, over.signal)
  // Any call with a project starts its instance, and with it the plugins.
  await api.get("/config")
  const startMs = performance.now() - startedMs
  const kept = cleanup.move()
  return {
    version: 1,
    url,
    pid: child.pid,
    api,
    events,
    startMs,
    session: async (session = { title: "scenario" }) => {
      const created = record(await api.post("/session", session))
      return new Session(string(created["id"]), api, events)
    },
    openSession: (id) => new Session(id, api, events),
    waitForEvent: (matches, timeoutMs) => events.waitFor(matches, timeoutMs),
    ...toastsOf(events),
    tools,
    output: () => `${child.stdout()}\n${child.stderr()}`,
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
  read: (file: string): ToolInput => ["read", { filePath: file }],
  shell: (command: string): ToolInput => ["bash", { command, description: "Runs a command" }],
  subagent: (agent: string, prompt: string): ToolInput => [
    "task",
    { description: "Ask the other", prompt, subagent_type: agent },
  ],
  note: (about: string): ToolInput => ["notes_note", { about }],
}

/** A plugin that fails to load is no more than an event: a scenario would then test OpenCode alone. */
function refuseBrokenPlugin(events: EventLog): void {
  const failed = events.all.find((event) => event.type === "session.error" && sessionOf(event) === undefined)
  if (failed !== undefined)
    throw new Error(`The plugin did not load: ${JSON.stringify(failed.properties["error"])}`)
}
