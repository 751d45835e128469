import { BoundedMap } from "../../../core/bounded-map.ts"
import { newMarkerToken } from "../../../transport/step-marker.ts"
import type { Asking } from "../../../turn/turn.ts"

/** A step that OpenCode is about to ask a model for. */
export type Step = Asking & {
  /** The user message that it answers. */
  readonly messageID: string
  /** OpenCode asks for its answer by a tool call, which ends the turn. */
  readonly isStructured: boolean
}

export type AnnouncedStep = Step & {
  /** We answer this one ourselves, with this text. */
  readonly localReply?: string
  /** Another step of the turn follows that answer. */
  readonly goesOn?: boolean
  /** It is no step but a request for these, which is never ended by us, and whose failures are met in ways of their own. */
  readonly outside?: "title" | "compaction"
  /** Texts of ours that are to be left out of it. */
  readonly hides?: readonly string[]
}

/** Ties the marker on a request to the step that it belongs to. */
export function createStepTokens() {
  const steps = new BoundedMap<string, AnnouncedStep>()
  return {
    announce: (step: AnnouncedStep): string => {
      const token = newMarkerToken()
      steps.set(token, step)
      return token
    },
    /** Not once only: an SDK may send one marked request several times. */
    get: (token: string) => steps.get(token),
  }
}
