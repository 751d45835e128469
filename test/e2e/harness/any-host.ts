import type { Api } from "./api.ts"
import type { EventLog, EventPredicate, HostEvent } from "./event-log.ts"
import type { HistoryEntry } from "./session.ts"
import type { Toasts } from "./toasts.ts"
import type { Workplace } from "./workplace.ts"

/** What clients are told of a turn that does not go well. `waitMs` is how long OpenCode says that it will wait. */
export type Setback = { readonly atMs: number } & (
  | { readonly kind: "error" }
  | { readonly kind: "wait"; readonly waitMs: number }
)

/** How a session's last turn ended. */
export type Ending = "answered" | "failed" | "interrupted"

/** A session of either version of OpenCode: what scenarios of both may use. */
export interface AnySession {
  readonly id: string
  /** Sends a prompt and waits for the end of the turn; gives the last answer. The agent's model, if none is named. */
  prompt(text: string, options?: { readonly agent?: string; readonly model?: string }): Promise<HistoryEntry>
  /** The same, without waiting. */
  promptAsync(text: string, options?: { readonly agent?: string; readonly model?: string }): Promise<void>
  /** Until the turn is over. */
  wait(timeoutMs?: number): Promise<void>
  /** What Esc does. */
  abort(): Promise<void>
  /** The user picks another model, for this session's next prompts. */
  switchModel(model: string): Promise<void>
  /** The model that the session stands on, as `provider/model`. */
  model(): Promise<string>
  /** Runs a slash command with the session's agent. */
  command(name: string, words?: string): Promise<unknown>
  /** Begins to compact the session, as the command does, with the session's model. */
  compact(): Promise<void>
  /** Until a compaction has succeeded and the session is at rest. */
  compacted(): Promise<void>
  history(): Promise<readonly HistoryEntry[]>
  /** Sessions of subagents. */
  children(): Promise<readonly AnySession[]>
  /** Errors and waits so far, in order. */
  setbacks(): readonly Setback[]
  ending(): Promise<Ending>
  /** What the last answer's error says; empty if it has none. */
  errorText(): Promise<string>
  events(type?: string): readonly HostEvent[]
}

/** A tool call as this version spells it: for `toolCall(...)` and `call(...)`. */
export type ToolInput = readonly [name: string, input: unknown]

/** A running `opencode serve`, in whatever home. */
export interface Served extends AsyncDisposable, Toasts {
  /** Major version. */
  readonly version: 1 | 2
  readonly url: string
  readonly pid: number
  readonly api: Api
  readonly events: EventLog
  /** From the start of the process until its first project is up, with agents and plugins. Milliseconds. */
  readonly startMs: number
  /** A new session. It has a title, so that OpenCode asks no model for one; `{ title: undefined }` makes it ask. */
  session(options?: { readonly title?: string | undefined }): Promise<AnySession>
  waitForEvent(matches: EventPredicate, timeoutMs?: number): Promise<HostEvent>
  /** What it printed. */
  output(): string
  readonly tools: {
    read(file: string): ToolInput
    shell(command: string): ToolInput
    subagent(agent: string, prompt: string): ToolInput
    /** The MCP server's of the usual settings: it leaves a trace in `<about>.txt`. */
    note(about: string): ToolInput
  }
}

/** A running OpenCode of either version in a workplace of its own. */
export type AnyHost = Served & Workplace
