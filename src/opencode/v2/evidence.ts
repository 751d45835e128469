import { BoundedMap } from "../../core/bounded-map.ts"
import { type ModelKey, sameModel } from "../../core/model-ref.ts"
import type { Failure } from "../../core/verdict.ts"

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

/** The newest evidence of each session's step; bounded. */
export type EvidenceBox = {
  readonly put: (sessionID: string, model: ModelKey, evidence: Evidence) => void
  /** A request is about to be made: what was seen of the one before is over. */
  readonly clear: (sessionID: string) => void
  readonly has: (sessionID: string, model: ModelKey) => boolean
  /** Gives it once; what was seen of another model is dropped. */
  readonly take: (sessionID: string, model: ModelKey) => Evidence | undefined
}

const mostSessions = 500

export function createEvidenceBox(): EvidenceBox {
  const box = new BoundedMap<string, { readonly model: ModelKey; readonly evidence: Evidence }>(mostSessions)
  return {
    put: (sessionID, model, evidence) => {
      box.set(sessionID, { model, evidence })
    },
    clear: (sessionID) => box.delete(sessionID),
    has: (sessionID, model) => {
      const found = box.get(sessionID)
      return found !== undefined && sameModel(found.model, model)
    },
    take: (sessionID, model) => {
      const found = box.get(sessionID)
      box.delete(sessionID)
      return found && sameModel(found.model, model) ? found.evidence : undefined
    },
  }
}
