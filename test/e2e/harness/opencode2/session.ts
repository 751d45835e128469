import { record, records, string } from "../../../simulator/protocol/json.ts"
import type { AnySession, Ending, Setback } from "../any-host.ts"
import type { Api } from "../api.ts"
import { type EventLog, type EventPredicate, type HostEvent, sessionOf } from "../event-log.ts"
import type { HistoryEntry } from "../session.ts"

type Json = Readonly<Record<string, unknown>>

export interface PromptOptions2 {
  readonly agent?: string
  /** `provider/model`; default: the agent's model, as OpenCode's own clients do it. */
  readonly model?: string
  readonly files?: readonly { readonly uri: string; readonly name?: string }[]
}

/** What a session asks of its host. */
export interface SessionDeps {
  readonly api: Api
  readonly events: EventLog
  /** The model of an agent as `provider/model`; `undefined` when it has none of its own. */
  agentModel(agent: string): Promise<string | undefined>
}

const endings: Readonly<Record<string, Ending>> = {
  succeeded: "answered",
  failed: "failed",
  interrupted: "interrupted",
}

const outcomeOf = (type: string): string => type.replace("session.execution.", "")

/** `{ id, providerID }` of OpenCode 2, or nothing, as `provider/model`. */
export function modelOf(reference: unknown): string {
  const { id, providerID } = record(reference)
  return typeof id === "string" && typeof providerID === "string" ? `${providerID}/${id}` : ""
}

export function modelReference2(model: string): { readonly id: string; readonly providerID: string } {
  const slash = model.indexOf("/")
  return { id: model.slice(slash + 1), providerID: model.slice(0, slash) }
}

function entryOf(message: Json): HistoryEntry {
  const content = records(message["content"])
  const said = content.filter((part) => part["type"] === "text").map((part) => string(part["text"]))
  const error = record(message["error"])["message"]
  return {
    role: string(message["type"]),
    model: modelOf(message["model"]),
    agent: string(message["agent"] ?? ""),
    text: typeof message["text"] === "string" ? message["text"] : said.join(""),
    tools: content
      .filter((part) => part["type"] === "tool")
      .map((part) => `${string(part["name"])}:${string(record(part["state"])["status"])}`),
    error: typeof error === "string" ? error : undefined,
    finish: typeof message["finish"] === "string" ? message["finish"] : undefined,
  }
}

/** One session of OpenCode 2, driven over HTTP. */
export class Session2 implements AnySession {
  readonly id: string
  readonly #deps: SessionDeps
  #agent: string | undefined
  #picked: string | undefined
  #askedAtMs = 0

  constructor(id: string, deps: SessionDeps) {
    this.id = id
    this.#deps = deps
  }

  /** The model that this client has chosen last, itself or by its agent: the user's own. */
  get picked(): string | undefined {
    return this.#picked
  }

  /** Sends a prompt and waits until the session is at rest; gives the last answer. */
  async prompt(text: string, options: PromptOptions2 = {}): Promise<HistoryEntry> {
    await this.promptAsync(text, options)
    await this.wait()
    const answer = (await this.history()).findLast((entry) => entry.role === "assistant")
    if (answer === undefined) throw new Error("The prompt was not answered")
    return answer
  }

  /** Sends a prompt and returns as soon as OpenCode has taken it. */
  async promptAsync(text: string, { agent, model, files }: PromptOptions2 = {}): Promise<void> {
    const isNewAgent = agent !== undefined && agent !== this.#agent
    if (isNewAgent) await this.#post("agent", { agent })
    const wanted = model ?? (isNewAgent ? await this.#deps.agentModel(agent) : undefined)
    this.#agent = agent ?? this.#agent
    this.#picked = wanted ?? this.#picked
    if (wanted !== undefined && wanted !== (await this.model())) await this.switchModel(wanted)
    this.#askedAtMs = performance.now()
    await this.#post("prompt", { text, ...(files && { files }) })
  }

  /** Until the session is at rest, and the events of what was asked of it have come, which are a little later. */
  async wait(timeoutMs?: number): Promise<void> {
    const signal = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs)
    await this.#deps.api.post(`/api/experimental/session/${this.id}/wait`, {}, signal)
    if (this.#askedAtMs > 0) await this.#ended()
  }

  async switchModel(model: string): Promise<void> {
    this.#picked = model
    await this.#post("model", { model: modelReference2(model) })
  }

  /** The model that the session stands on; empty while it follows the default. */
  async model(): Promise<string> {
    const session = record(record(await this.#deps.api.get(`/api/session/${this.id}`))["data"])
    return modelOf(session["model"])
  }

  /** What Esc does. */
  async abort(): Promise<void> {
    await this.#post("interrupt", {})
  }

  async compact(): Promise<void> {
    await this.#post("compact", {})
  }

  async compacted(): Promise<void> {
    await this.wait()
    const row = (await this.messages()).findLast(({ type }) => type === "compaction")
    if (row?.["status"] !== "completed") throw new Error(`The compaction ended as ${String(row?.["status"])}`)
  }

  async command(name: string, text = ""): Promise<void> {
    await this.#post("command", { name, text })
  }

  /** Every row of the session, oldest first, as OpenCode has it. */
  async messages(): Promise<readonly Json[]> {
    const path = `/api/session/${this.id}/message?order=asc&limit=200`
    return records(record(await this.#deps.api.get(path))["data"])
  }

  async history(): Promise<readonly HistoryEntry[]> {
    return (await this.messages()).map(entryOf)
  }

  /** Sessions of subagents. */
  async children(): Promise<readonly Session2[]> {
    const answer = record(await this.#deps.api.get(`/api/session?parentID=${this.id}`))
    return records(answer["data"]).map((child) => new Session2(string(child["id"]), this.#deps))
  }

  /** Events of this session so far, in order. */
  events(type?: string): readonly HostEvent[] {
    return this.#deps.events.all.filter(
      (event) => sessionOf(event) === this.id && (type === undefined || event.type === type),
    )
  }

  waitForEvent(matches: EventPredicate | string, timeoutMs?: number): Promise<HostEvent> {
    const predicate: EventPredicate =
      typeof matches === "string" ? (event) => event.type === matches : matches
    return this.#deps.events.waitFor((event) => sessionOf(event) === this.id && predicate(event), timeoutMs)
  }

  setbacks(): readonly Setback[] {
    return this.events().flatMap(({ type, properties, atMs }): readonly Setback[] => {
      if (type === "session.execution.failed") return [{ atMs, kind: "error" }]
      if (type !== "session.retry.scheduled") return []
      // `at` is wall clock.
      return [{ atMs, kind: "wait", waitMs: Number(properties["at"]) - (performance.timeOrigin + atMs) }]
    })
  }

  /** How each turn ended, in order: `succeeded`, `failed`, `interrupted`. */
  outcomes(): readonly string[] {
    return this.events()
      .map(({ type }) => outcomeOf(type))
      .filter((outcome) => outcome in endings)
  }

  async ending(): Promise<Ending> {
    await this.#ended()
    const ending = endings[this.outcomes().at(-1) ?? ""]
    if (ending === undefined) throw new Error("No turn has ended")
    return ending
  }

  async errorText(): Promise<string> {
    return (await this.history()).findLast((entry) => entry.role === "assistant")?.error ?? ""
  }

  async #ended(): Promise<void> {
    const since = this.#askedAtMs
    await this.waitForEvent(({ type, atMs }) => atMs >= since && outcomeOf(type) in endings)
  }

  async #post(action: string, body: Json): Promise<void> {
    await this.#deps.api.post(`/api/session/${this.id}/${action}`, body)
  }
}
