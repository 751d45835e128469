import { list, record, records, string } from "../../simulator/protocol/json.ts"
import type { AnySession, Ending, Setback } from "./any-host.ts"
import type { Api } from "./api.ts"
import { type EventLog, type EventPredicate, type HostEvent, sessionOf } from "./event-log.ts"

type Json = Readonly<Record<string, unknown>>

export interface PromptOptions {
  readonly agent?: string
  /** `provider/model`. */
  readonly model?: string
  readonly variant?: string
  readonly tools?: Readonly<Record<string, boolean>>
  readonly system?: string
  readonly format?: Json
  readonly messageID?: string
  /** Adds the message without starting a turn. */
  readonly noReply?: boolean
  readonly signal?: AbortSignal
}

/** A message in a form that can stand in an expectation. */
export interface HistoryEntry {
  readonly role: string
  /** `provider/model` */
  readonly model: string
  readonly agent: string
  readonly text: string
  /** Name and state of each tool call, such as `bash:completed`. */
  readonly tools: readonly string[]
  /** Name of the error. */
  readonly error: string | undefined
  readonly finish: string | undefined
}

export interface Reply extends HistoryEntry {
  readonly info: Json
  readonly parts: readonly Json[]
}

/** A string is a text part; parts go as they are. */
export type Prompt = string | readonly Json[]

const bodyOf = (prompt: Prompt, options: PromptOptions): Json => {
  const { model, signal: _signal, ...rest } = options
  const parts = typeof prompt === "string" ? [{ type: "text", text: prompt }] : prompt
  return { ...rest, parts, ...(model === undefined ? {} : { model: modelReference(model) }) }
}

/** The provider ends at the first slash: model ids may hold slashes. */
export function modelReference(model: string): { readonly providerID: string; readonly modelID: string } {
  const slash = model.indexOf("/")
  return { providerID: model.slice(0, slash), modelID: model.slice(slash + 1) }
}

function replyOf(message: Json): Reply {
  const info = record(message["info"])
  const parts = records(message["parts"])
  const model = record(info["model"])
  const texts = parts.filter((part) => part["type"] === "text" && part["synthetic"] !== true)
  const error = record(info["error"])["name"]
  return {
    role: string(info["role"]),
    model: `${string(info["providerID"] ?? model["providerID"])}/${string(info["modelID"] ?? model["modelID"])}`,
    agent: string(info["agent"] ?? info["mode"]),
    text: texts.map((part) => string(part["text"])).join(""),
    tools: parts
      .filter((part) => part["type"] === "tool")
      .map((part) => `${string(part["tool"])}:${string(record(part["state"])["status"])}`),
    error: typeof error === "string" ? error : undefined,
    finish: typeof info["finish"] === "string" ? info["finish"] : undefined,
    info,
    parts,
  }
}

/** One session of the host, driven over HTTP. */
export class Session implements AnySession {
  readonly id: string
  readonly #api: Api
  readonly #events: EventLog
  /** What `switchModel` has named: clients of OpenCode 1 send their choice with each prompt. */
  #picked: string | undefined
  #askedAtMs = 0

  constructor(id: string, api: Api, events: EventLog) {
    this.id = id
    this.#api = api
    this.#events = events
  }

  /** Sends a prompt and waits for the end of the turn; gives the message that OpenCode answers with. */
  async prompt(prompt: Prompt, options: PromptOptions = {}): Promise<Reply> {
    return replyOf(record(await this.#ask("message", prompt, options)))
  }

  /** Sends a prompt and returns at once; the end of the turn is `wait()`. */
  async promptAsync(prompt: Prompt, options: PromptOptions = {}): Promise<void> {
    await this.#ask("prompt_async", prompt, options)
  }

  #ask(how: "message" | "prompt_async", prompt: Prompt, options: PromptOptions): Promise<unknown> {
    this.#askedAtMs = performance.now()
    const model = options.model ?? this.#picked
    const body = bodyOf(prompt, { ...options, ...(model !== undefined && { model }) })
    return this.#api.post(`/session/${this.id}/${how}`, body, options.signal)
  }

  /** Until the session is idle after what was last asked of it. */
  async wait(timeoutMs?: number): Promise<void> {
    const since = this.#askedAtMs
    await this.waitForEvent(({ type, atMs }) => type === "session.idle" && atMs >= since, timeoutMs)
  }

  switchModel(model: string): Promise<void> {
    this.#picked = model
    return Promise.resolve()
  }

  /** The model of the last prompt. */
  async model(): Promise<string> {
    const prompts = (await this.history()).filter((entry) => entry.role === "user")
    return this.#picked ?? prompts.at(-1)?.model ?? ""
  }

  /** What Esc does. */
  async abort(): Promise<void> {
    await this.#api.post(`/session/${this.id}/abort`, {})
  }

  /** Compacts the session with the given model, as the command does. */
  async summarize(model: string): Promise<void> {
    await this.#api.post(`/session/${this.id}/summarize`, modelReference(model))
  }

  async compact(): Promise<void> {
    const model = await this.model()
    this.#askedAtMs = performance.now()
    // Its answer comes with its end, or never: where a model has failed, another compaction takes its place.
    this.summarize(model).catch(() => undefined)
  }

  async compacted(): Promise<void> {
    const { atMs } = await this.waitForEvent("session.compacted")
    await this.waitForEvent((event) => event.type === "session.idle" && event.atMs >= atMs)
  }

  /** Runs a slash command. */
  async command(command: string, argumentsText = "", options: Json = {}): Promise<Reply> {
    const body = { command, arguments: argumentsText, ...options }
    return replyOf(record(await this.#api.post(`/session/${this.id}/command`, body)))
  }

  async delete(): Promise<void> {
    await this.#api.request("DELETE", `/session/${this.id}`)
  }

  async messages(): Promise<readonly Reply[]> {
    return records(await this.#api.get(`/session/${this.id}/message`)).map(replyOf)
  }

  /** The messages in short: fit for `toEqual` and for a glance at a failure. */
  async history(): Promise<readonly HistoryEntry[]> {
    return (await this.messages()).map(({ role, model, agent, text, tools, error, finish }) => ({
      role,
      model,
      agent,
      text,
      tools,
      error,
      finish,
    }))
  }

  /** Sessions of subagents. */
  async children(): Promise<readonly Session[]> {
    const children = list(await this.#api.get(`/session/${this.id}/children`))
    return children.map((child) => new Session(string(record(child)["id"]), this.#api, this.#events))
  }

  /** Events of this session so far, in order. */
  events(type?: string): readonly HostEvent[] {
    return this.#events.all.filter(
      (event) => sessionOf(event) === this.id && (type === undefined || event.type === type),
    )
  }

  waitForEvent(matches: EventPredicate | string, timeoutMs?: number): Promise<HostEvent> {
    const predicate: EventPredicate =
      typeof matches === "string" ? (event) => event.type === matches : matches
    return this.#events.waitFor((event) => sessionOf(event) === this.id && predicate(event), timeoutMs)
  }

  setbacks(): readonly Setback[] {
    return this.events().flatMap(({ type, properties, atMs }): readonly Setback[] => {
      if (type === "session.error") return [{ atMs, kind: "error" }]
      const status = type === "session.status" ? record(properties["status"]) : {}
      // `next` is wall clock.
      const waitMs = Number(status["next"]) - (performance.timeOrigin + atMs)
      return status["type"] === "retry" ? [{ atMs, kind: "wait", waitMs }] : []
    })
  }

  async ending(): Promise<Ending> {
    const last = (await this.history()).findLast((entry) => entry.role === "assistant")
    const { error, finish } = last ?? {}
    // Of an Esc between two steps nothing is told: the run is over although its last step asks for another.
    if (error === undefined) return finish === "tool-calls" ? "interrupted" : "answered"
    return error === "MessageAbortedError" ? "interrupted" : "failed"
  }

  async errorText(): Promise<string> {
    const answer = (await this.messages()).findLast((message) => message.role === "assistant")
    return string(record(record(answer?.info["error"])["data"])["message"] ?? "")
  }

  sessionErrors(): readonly HostEvent[] {
    return this.events("session.error")
  }

  idles(): readonly HostEvent[] {
    return this.events("session.idle")
  }

  /** Announcements of OpenCode's own retry wait. */
  retries(): readonly HostEvent[] {
    return this.events("session.status").filter(
      (event) => record(event.properties["status"])["type"] === "retry",
    )
  }

  waitForRetry(timeoutMs?: number): Promise<HostEvent> {
    return this.waitForEvent((event) => record(event.properties["status"])["type"] === "retry", timeoutMs)
  }

  /** The n-th idle (from 1). */
  async idle(count = 1, timeoutMs?: number): Promise<void> {
    await this.waitForEvent(() => this.idles().length >= count, timeoutMs)
  }
}
