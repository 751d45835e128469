import type { TurnNeeds, Tried } from "../core/select.ts"
import type { ModelKey } from "../core/model-ref.ts"

/** What a follow-up message must repeat, because it replaces the turn's message for the rest of the turn. */
export type Carried = {
  readonly agent: string
  readonly variant?: string | undefined
  readonly tools?: Readonly<Record<string, boolean>> | undefined
  readonly system?: string | undefined
  /** OpenCode's output format (JSON schema), passed on as it came. */
  readonly format?: unknown
}

/** A failure of the user's own model as OpenCode would have seen it, kept until the turn is over. */
export type OriginalFailure = {
  /** When the provider itself said that it will be well again: milliseconds since 1970. */
  readonly retryAt?: number | undefined
} & (
  | {
      readonly type: "response"
      readonly status: number
      readonly statusText: string
      readonly headers: readonly (readonly [string, string])[]
      readonly body: string
      readonly url: string
    }
  | { readonly type: "thrown"; readonly error: unknown }
)

/** How far the current step has come; decides which of the two ways handles a failure. */
export type StepState = {
  readonly model: ModelKey
  /**
   * `announced`: OpenCode prepares a request. `in-flight`: our wrapper has it. `answered`: the provider's answer
   * was passed on as a success. `decided`: one of the two ways has taken its failure, so that later news of it
   * must be left alone.
   */
  readonly state: "announced" | "in-flight" | "answered" | "decided"
}

export type TurnPhase =
  | { readonly is: "running" }
  /** Nobody was left. `handedOver` is set once the original failure has been given to OpenCode. */
  | {
      readonly is: "exhausted"
      /** The reactive way: the next request is not sent but answered with this error. */
      readonly refusal?: string
      readonly handedOver: boolean
      /** Until when it is of no use to ask the user's own model again; milliseconds since 1970. */
      readonly backAt: number | undefined
    }
  /**
   * The reactive way is at work. `ending`: the failed run comes to its end, if need be by our own abort; `cut`
   * is set when that abort has met a request, which OpenCode reports. `starting`: the message was sent again,
   * and OpenCode has not taken it up yet; the turn is then as `next` says.
   */
  | { readonly is: "replaying"; readonly stage: "ending"; readonly cut: boolean }
  | { readonly is: "replaying"; readonly stage: "starting"; readonly next: TurnPhase }
  /** The user pressed Esc. Final. */
  | { readonly is: "aborted" }
  | { readonly is: "ended" }

/** One user message and all that follows until the session is idle. */
export type Turn = {
  readonly sessionID: string
  /** Id of the user message that started it; `undefined` for a turn first seen in the middle. */
  readonly messageID: string | undefined
  /** The model that the user chose for it. */
  readonly own: ModelKey
  readonly ownVariant?: string | undefined
  readonly inUse: ModelKey
  readonly carried: Carried
  readonly needs: TurnNeeds
  readonly tried: readonly Tried[]
  /** Switches to another model so far. */
  readonly attempts: number
  readonly phase: TurnPhase
  readonly step?: StepState
  /** Requests that OpenCode has prepared for the model in use since the turn came to it. */
  readonly requests?: number
  readonly original?: OriginalFailure
  /** The model whose last failure nobody could read, and which OpenCode may ask again by itself. */
  readonly unread?: ModelKey
  /** The turn has waited for a model to come back and walks again, the own model first. */
  readonly waited?: true
  /** The own model is asked whatever is known of its health (`restore_primary: "next_message"`). */
  readonly keepOwn: boolean
}
