import type { Catalog } from "../core/catalog.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { Carried } from "../turn/turn.ts"

export type ToastVariant = "info" | "success" | "warning" | "error"

export type Toast = {
  readonly title: string
  readonly message: string
  readonly variant: ToastVariant
  /** Milliseconds. */
  readonly durationMs: number
}

export type LogLevel = "debug" | "info" | "warn" | "error"

export type FollowUp = Carried & {
  readonly sessionID: string
  readonly model: ModelKey
  /** A hidden request to the model; without it the message is empty and neither shown nor sent. */
  readonly text?: string
}

export type Replay = Carried & {
  readonly sessionID: string
  /** The message to run again; it is updated in place. */
  readonly messageID: string
  readonly model: ModelKey
  readonly parts: readonly unknown[]
}

/** The port to OpenCode: everything that we ask of it. Each call rejects when OpenCode answers with an error. */
export type Host = {
  /** Adds a user message without starting a reply; the running loop goes on with it. */
  readonly addFollowUp: (followUp: FollowUp) => Promise<void>
  /** Runs a message again under its own id, without waiting for the answer. */
  readonly replay: (replay: Replay) => Promise<void>
  /** Compacts the session on this model; with `goesOn` the interrupted turn continues afterwards. */
  readonly summarize: (sessionID: string, model: ModelKey, goesOn: boolean) => Promise<void>
  readonly abort: (sessionID: string) => Promise<void>
  /** The models that OpenCode can use; `known: false` when it cannot say. Never rejects. */
  readonly catalog: () => Promise<Catalog>
  /** Never rejects. */
  readonly toast: (toast: Toast) => Promise<void>
  /** Writes to OpenCode's log. Never throws. */
  readonly log: (level: LogLevel, message: string, extra?: Readonly<Record<string, unknown>>) => void
}
