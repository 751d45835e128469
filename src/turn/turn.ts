import type { ModelKey, NamedModel } from "../core/model-ref.ts"
import type { Tried, TurnNeeds } from "../core/select.ts"
import type { Failure } from "../core/verdict.ts"

/** A model with the reasoning variant that is to be used on it. */
export type Choice = { readonly model: ModelKey; readonly variant?: string | undefined }

/** The model with its own variant where it names one, otherwise with that of the user's choice. */
export function choiceOn({ model, variant }: NamedModel, own: Choice): Choice {
  return { model, variant: variant ?? own.variant }
}

/**
 * How far the newest request to the model in use has come; decides which of the two ways handles a failure.
 * `announced`: OpenCode prepares a request. `in-flight`: our wrapper has it. `answered`: the provider's answer
 * was passed on as a success. `decided`: one of the two ways has taken its failure, so that later news of it
 * must be left alone.
 */
export type StepState = "announced" | "in-flight" | "answered" | "decided"

/** The model that the turn is on, with all that is known of it in this turn: leaving it forgets the rest. */
type InUse = Choice & {
  /** Requests that OpenCode has prepared for it since the turn came to it. */
  readonly requests: number
  readonly step?: StepState
  /** It has answered properly since. */
  readonly hasAnswered?: true
  /** Its answers, by message, that ended without an end: OpenCode asks again at once and says nothing. */
  readonly earlyEnds?: readonly string[]
  /** Nobody could read its last failure, and OpenCode may ask it again by itself. */
  readonly isUnclassified?: true
  /** Since when it is waited for, within the user's patience; milliseconds since 1970. */
  readonly patientSince?: number
}

export type TurnPhase =
  | { readonly is: "running" }
  | Exhausted
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

/** Nobody was left; what OpenCode gets from now on. */
type Exhausted = { readonly is: "exhausted" } &
  /** The turn is over: no provider is asked any more, every further request is answered with this text. */
  (
    | { readonly gives: "refusal"; readonly text: string }
    /** `original`: the own model's failure, once. `failure`: each as it comes, since OpenCode's own retries go on. */
    | { readonly gives: "original" | "failure" }
  )

/** One user message and all that follows until the session is idle. */
export type Turn = {
  readonly sessionID: string
  /** Id of the user message that the turn answers. */
  readonly messageID: string
  readonly agent: string
  /** The user's own choice for it. */
  readonly own: Choice
  readonly inUse: InUse
  /** How often it was waited for a model, within the user's patience, since one has answered. */
  readonly patientTries?: number
  /** How often in a row the host has put an older state of the message over one that was lent. */
  readonly overwritten?: number
  readonly needs: TurnNeeds
  readonly tried: readonly Tried[]
  /** Switches to another model so far. */
  readonly attempts: number
  readonly phase: TurnPhase
  /** The newest failure of the own model, else that of a stand-in. */
  readonly original?: Tried & { readonly failure: Failure }
  /** The turn walks its chain again, the own model first: it has waited, or OpenCode asks again by itself. */
  readonly walksAnew?: true
  /** People were told that nobody is left; until a model answers, that is no news. */
  readonly isToldExhausted?: true
  /** A tool has run in it. */
  readonly hasRunTool?: true
  /** The own model is asked whatever is known of its health (`restore_primary: "next_message"`). */
  readonly keepsOwn: boolean
}

/** A session and the model that it asks: at most one step of it is under way. */
export type Asking = { readonly sessionID: string; readonly model: ModelKey }
