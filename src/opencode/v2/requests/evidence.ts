import { BoundedMap } from "../../../core/bounded-map.ts"
import { type ModelKey, sameModel } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"

/**
 * What was seen of a request before OpenCode asks what to do about it: the failure with its headers and body,
 * which the question itself lacks, or that we did not send it at all.
 */
export type Evidence =
  | {
      readonly saw: "failure"
      readonly failure: Failure
      /** The provider had begun an answer: the identical request would not be the same step again. */
      readonly began: boolean
    }
  /** The model is known to be down, and was not asked. */
  | { readonly saw: "known-down" }

export type EvidenceBySession = ReturnType<typeof createEvidence>

/** The newest evidence of each session's step; bounded. */
export function createEvidence() {
  const newest = new BoundedMap<string, { readonly model: ModelKey; readonly evidence: Evidence }>()
  return {
    put: (sessionID: string, model: ModelKey, evidence: Evidence): void =>
      newest.set(sessionID, { model, evidence }),
    /** A request is about to be made: what was seen of the one before is over. */
    clear: (sessionID: string): void => newest.delete(sessionID),
    has: (sessionID: string, model: ModelKey): boolean => {
      const found = newest.get(sessionID)
      return found !== undefined && sameModel(found.model, model)
    },
    /** Gives it once; what was seen of another model is dropped. */
    take: (sessionID: string, model: ModelKey): Evidence | undefined => {
      const found = newest.get(sessionID)
      newest.delete(sessionID)
      return found && sameModel(found.model, model) ? found.evidence : undefined
    },
  }
}
