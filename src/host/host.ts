import type { Catalog } from "../core/catalog.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { Choice } from "../turn/turn.ts"

export type ToastVariant = "info" | "success" | "warning" | "error"

export type Toast = {
  readonly title: string
  readonly message: string
  readonly variant: ToastVariant
  /** Milliseconds. */
  readonly durationMs: number
}

/** From the least severe on. */
const logLevels = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof logLevels)[number]

export function isLogged(level: LogLevel, minimum: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(minimum)
}

/** A user message, with what a call that rewrites it must name. */
export type TurnMessage = {
  readonly sessionID: string
  readonly messageID: string
  readonly agent: string
}

export type GiveBackBounds = {
  /** The newest message that is meant. */
  readonly upTo: string
  /** OpenCode works on the session, which therefore cannot be reverted: it is not asked whether it is. */
  readonly isBusy: boolean
}

/** The port to OpenCode: everything that we ask of it. Each call rejects when OpenCode answers with an error. */
export type Host = {
  /**
   * The turn's own message names this model from now on, so that the running loop takes its next step there.
   * Nothing is added to the history, and nothing else of the message changes.
   */
  readonly lend: (message: TurnMessage, to: Choice) => Promise<void>
  /**
   * Puts every lent message of the session back as the user wrote it.
   *
   * @param bounds without it all of them are meant, and OpenCode is asked whether the session is reverted
   * @returns whether none is lent any more; a pending revert leaves them as they are
   */
  readonly giveBack: (sessionID: string, bounds?: GiveBackBounds) => Promise<boolean>
  /** Gives back a message that another process has left lent. */
  readonly repair: (sessionID: string, messageID: string, own: Choice) => Promise<void>
  /** Runs a message again under its own id, on this model, without waiting for the answer. */
  readonly replay: (message: TurnMessage, on: Choice) => Promise<void>
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
