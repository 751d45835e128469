import type { ModelKey } from "../../../core/model-ref.ts"
import type { Host } from "../../../host/host.ts"
import type { Choice } from "../../../turn/turn.ts"

export type MessageID = { readonly sessionID: string; readonly messageID: string }

export type GiveBackBounds = {
  /** The newest message that is meant. */
  readonly upTo: string
  /** OpenCode works on the session, which therefore cannot be reverted: it is not asked whether it is. */
  readonly isBusy: boolean
}

/** What is asked of OpenCode 1 about a turn. Each call rejects when OpenCode answers with an error. */
export type TurnHost = Host & {
  /**
   * The turn's own message names this model from now on, so that the running loop takes its next step there.
   * Nothing is added to the history, and nothing else of the message changes.
   */
  readonly lend: (message: MessageID, to: Choice) => Promise<void>
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
  readonly replay: (message: MessageID, on: Choice) => Promise<void>
  /** Compacts the session on this model; with `goesOn` the interrupted turn continues afterwards. */
  readonly summarize: (sessionID: string, model: ModelKey, goesOn: boolean) => Promise<void>
  readonly abort: (sessionID: string) => Promise<void>
  /** Whether OpenCode sums a session up whose prompt is too long, and goes on; else that is an error as any other. */
  readonly sumsUp: () => boolean
}
