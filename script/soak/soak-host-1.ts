import type { HostEvent } from "../../test/e2e/harness/event-log.ts"
import type { HostOptions } from "../../test/e2e/harness/host-options.ts"
import { type Host, startHost } from "../../test/e2e/harness/host.ts"
import { exportSession } from "../../test/e2e/harness/run.ts"
import type { Reply, Session } from "../../test/e2e/harness/session.ts"
import { tracesIn } from "../../test/e2e/harness/traces.ts"
import { record, string } from "../../test/simulator/protocol/json.ts"
import type { SeenUser } from "./seen.ts"
import {
  type Look,
  type Rest,
  type SoakHost,
  type SoakSession,
  stillness,
  until,
  whenGivenBack,
} from "./soak-host.ts"
import type { SoakChain } from "./soak-world.ts"

const quietMs = 300
/** Between an idle session and one that a replay takes up again lie some 100 ms, more on a busy machine. */
const quietBeforeReplayMs = 5_000

export async function startSoakHost1(options: HostOptions): Promise<SoakHost> {
  return soakHost(await startHost(options))
}

function soakHost(host: Host): SoakHost {
  return {
    tools: host.tools,
    project: host.home.project,
    newSession: async () => new SoakSession1(host, await host.session()),
    openSession: (id) => new SoakSession1(host, host.openSession(id)),
    killAndRestart: async () => soakHost(await host.killAndRestart()),
    logs: () => host.logs(),
    unanswered: () => host.api.unanswered(),
    exported: (sessionID) => exportSession(host.home, sessionID),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  }
}

class SoakSession1 implements SoakSession {
  readonly id: string
  readonly #host: Host
  readonly #session: Session
  #errorsBefore = 0
  /** What the caller of the newest prompt gets. */
  #reply: Promise<Reply | undefined> = Promise.resolve(undefined)
  #callsUnderWay = 0
  #quietMs = quietMs

  constructor(host: Host, session: Session) {
    this.id = session.id
    this.#host = host
    this.#session = session
  }

  prompt(text: string, { agent, isReactive }: SoakChain): Promise<void> {
    this.#quietMs = isReactive ? quietBeforeReplayMs : quietMs
    this.#errorsBefore = this.#session.sessionErrors().length
    // A call that fails has no reply; what OpenCode has stored then tells the end.
    this.#reply = this.#underWay(this.#session.prompt(text, { agent })).catch(() => undefined)
    return Promise.resolve()
  }

  async rest(limitMs: number): Promise<Rest> {
    const still = stillness(this.#host.events)
    const isOver = await until(limitMs, async () => {
      if (this.#callsUnderWay > 0 || still([this.id]) < this.#quietMs) return false
      return (await this.#state(this.id)) === "idle"
    })
    if (isOver) return { is: "at rest" }
    const family = [this.id, ...(await this.#session.children()).map(({ id }) => id)]
    const states = await Promise.all(family.map((id) => this.#state(id)))
    if (states.includes("retry")) return { is: "waiting" }
    return { is: "working", stillForMs: still(family), state: this.#describe(states) }
  }

  async escape(): Promise<boolean> {
    const isAtWork = (await this.#state(this.id)) !== "idle"
    await this.#session.abort()
    return isAtWork
  }

  delete(): Promise<void> {
    return this.#session.delete()
  }

  async compact(model: string): Promise<void> {
    // One that fails is repeated on another model.
    this.#quietMs = quietBeforeReplayMs
    const atMs = performance.now()
    const isBusy = (event: HostEvent): boolean => event.type === "session.status" && event.atMs >= atMs
    // The call ends with OpenCode's own retries, or never: where a model has failed, another compaction takes its place.
    const ended = this.#session.summarize(model)
    await Promise.race([ended, this.#session.waitForEvent(isBusy)]).catch(() => undefined)
  }

  async look(chain: SoakChain): Promise<Look> {
    const messages = await whenGivenBack(
      () => this.#session.messages(),
      (all) => all.every(({ role, model }) => role !== "user" || model === chain.primary),
    )
    const children = await this.#session.children()
    const all = [messages, ...(await Promise.all(children.map((child) => child.messages())))].flat()
    const users = messages.filter(({ role }) => role === "user")
    // Where the turn was replayed, whoever asked first has got what there was then.
    const reply = chain.isReactive ? undefined : await this.#reply
    const answer =
      reply ?? messages.findLast(({ role, info }) => role === "assistant" && info["summary"] !== true)
    return {
      text: answer?.text ?? "",
      error: answer?.error === undefined ? undefined : JSON.stringify(answer.info["error"]).slice(0, 400),
      users: users.map(seenUser),
      standsOn: users.at(-1)?.model ?? "",
      tools: all.flatMap(({ parts }) => parts.filter((part) => part["type"] === "tool").map(toolText)),
      traces: tracesIn(all),
      // A replay comes after the error that it answers.
      sessionErrors: chain.isReactive
        ? []
        : this.#session
            .sessionErrors()
            .slice(this.#errorsBefore)
            .map(({ properties }) => JSON.stringify(properties["error"]).slice(0, 400)),
    }
  }

  async #underWay<T>(call: Promise<T>): Promise<T> {
    this.#callsUnderWay += 1
    try {
      return await call
    } finally {
      this.#callsUnderWay -= 1
    }
  }

  async #state(id: string): Promise<string> {
    const statuses = record(await this.#host.api.get("/session/status"))
    return string(record(statuses[id])["type"]) || "idle"
  }

  #describe(states: readonly string[]): string {
    const last = this.#session.events().slice(-6)
    return `${states.join(", ")}, ${this.#callsUnderWay} calls; ${last.map(({ type }) => type).join(", ")}`
  }
}

/** A command that was killed with its step is completed for OpenCode (1.18.33), and its output says what became of it. */
function toolText(part: Readonly<Record<string, unknown>>): string {
  const { status, output } = record(part["state"])
  const isKilled = string(output).includes("User aborted the command")
  return `${string(part["tool"])}:${isKilled ? "killed" : string(status)}`
}

function seenUser({ text, model, parts }: Reply): SeenUser {
  return { text, model, isCompaction: parts.some((part) => part["type"] === "compaction") }
}
