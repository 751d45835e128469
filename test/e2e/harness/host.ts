import { record, string } from "../../simulator/protocol/json.ts"
import { makeApi } from "./api.ts"
import type { Api } from "./api.ts"
import { startChild } from "./child-process.ts"
import { EventLog, sessionOf } from "./event-log.ts"
import type { EventPredicate, HostEvent } from "./event-log.ts"
import type { HostOptions } from "./host-options.ts"
import { listeningUrl } from "./listening-url.ts"
import { opencodeBinary } from "./opencode-binary.ts"
import { Session } from "./session.ts"
import { makeWorkplace } from "./workplace.ts"
import type { Workplace } from "./workplace.ts"

export interface Toast {
  readonly title: string
  readonly message: string
  readonly variant: string
}

/** A running `opencode serve` in a workplace of its own. */
export interface Host extends Workplace {
  readonly url: string
  readonly pid: number
  readonly api: Api
  readonly events: EventLog
  /** From the start of the process until its first project instance is up, in milliseconds. */
  readonly startMs: number
  /** A new session. It has a title, so that OpenCode asks no model for one; `{ title: undefined }` makes it ask. */
  session(options?: { readonly title?: string | undefined; readonly parentID?: string }): Promise<Session>
  waitForEvent(matches: EventPredicate, timeoutMs?: number): Promise<HostEvent>
  /** Toasts so far, of all sessions; with `about` those whose text holds it (a chain's model, say). */
  toasts(about?: string): readonly Toast[]
  waitForToast(about: string, timeoutMs?: number): Promise<Toast>
}

export async function startHost(options: HostOptions = {}): Promise<Host> {
  await using cleanup = new AsyncDisposableStack()
  const workplace = cleanup.use(await makeWorkplace(options))
  const { home } = workplace
  const startedMs = performance.now()
  const command = [opencodeBinary(), "serve", "--port", "0", "--hostname", "127.0.0.1"]
  const child = cleanup.use(startChild(command, { cwd: home.project, environment: home.environment }))
  const logs = async (): Promise<string> => `${await workplace.logs()}\n${child.stdout()}\n${child.stderr()}`
  const url = await listeningUrl(child).catch(async (error: unknown) => {
    throw new Error(`OpenCode did not start.\n${(await logs()).slice(-4_000)}`, { cause: error })
  })
  const events = cleanup.use(await EventLog.open(url))
  const api = makeApi(url)
  // Any call with a project starts its instance, and with it the plugins.
  await api.get("/config")
  const startMs = performance.now() - startedMs
  if ((options.plugin ?? "dist") === "dist") refuseBrokenPlugin(events)
  const kept = cleanup.move()
  return {
    ...workplace,
    url,
    pid: child.pid,
    api,
    events,
    startMs,
    session: async (session = { title: "scenario" }) => {
      const created = record(await api.post("/session", session))
      return new Session(string(created["id"]), api, events)
    },
    waitForEvent: (matches, timeoutMs) => events.waitFor(matches, timeoutMs),
    toasts: (about = "") => events.all.flatMap(toastsIn).filter((toast) => textOf(toast).includes(about)),
    waitForToast: async (about, timeoutMs) => {
      const isWanted = (toast: Toast): boolean => textOf(toast).includes(about)
      const event = await events.waitFor((seen) => toastsIn(seen).some(isWanted), timeoutMs)
      return toastsIn(event)[0] ?? { title: "", message: "", variant: "" }
    },
    logs,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** A plugin that fails to load is no more than an event: a scenario would then test OpenCode alone. */
function refuseBrokenPlugin(events: EventLog): void {
  const failed = events.all.find((event) => event.type === "session.error" && sessionOf(event) === undefined)
  if (failed !== undefined)
    throw new Error(`The plugin did not load: ${JSON.stringify(failed.properties["error"])}`)
}

const textOf = (toast: Toast): string => `${toast.title} ${toast.message}`

function toastsIn(event: HostEvent): readonly Toast[] {
  if (event.type !== "tui.toast.show") return []
  const { title, message, variant } = event.properties
  return [{ title: string(title), message: string(message), variant: string(variant) }]
}
