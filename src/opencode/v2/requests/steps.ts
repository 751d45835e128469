import { BoundedMap } from "../../../core/bounded-map.ts"
import { type ModelKey, sameModel } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { WireReader } from "../../../transport/wire/wire-types.ts"
import type { RetryEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"

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

type StepRequest = {
  readonly model: ModelKey
  /** Reads what comes over a WebSocket. */
  readonly reader?: WireReader | undefined
  readonly evidence?: Evidence
}

/** A session has one step at a time, and a step one request. */
type Step = {
  /** Until OpenCode has asked what to do about it. */
  readonly request?: StepRequest | undefined
  /** Which attempt OpenCode has last asked about; it counts on behind a compaction (2.0.15). */
  readonly attempt?: number | undefined
  /** The first and the last of the attempts in a row that were the identical request to one model. */
  readonly identical?: { readonly model: ModelKey; readonly first: number; readonly last: number }
}

type About = Pick<RetryEvent, "sessionID" | "model">

export type Steps = ReturnType<typeof createSteps>

/** The one owner of what is known of each session's step; bounded. */
export function createSteps() {
  const steps = new BoundedMap<string, Step>()
  const change = (sessionID: string, part: Step): void =>
    steps.set(sessionID, { ...steps.get(sessionID), ...part })
  const requestOf = ({ sessionID, model }: About): StepRequest | undefined => {
    const request = steps.get(sessionID)?.request
    return request && sameModel(request.model, keyOf(model)) ? request : undefined
  }
  return {
    /** A request is about to be made: what was seen of the one before is over. */
    begin: ({ sessionID, model }: About, reader?: WireReader): void =>
      change(sessionID, { request: { model: keyOf(model), reader } }),
    saw: (about: About, evidence: Evidence): void =>
      change(about.sessionID, { request: { ...requestOf(about), model: keyOf(about.model), evidence } }),
    hasEvidence: (about: About): boolean => requestOf(about)?.evidence !== undefined,
    readerOf: (about: About): WireReader | undefined => requestOf(about)?.reader,
    /** OpenCode asks about the newest request. @returns what is known of it, once, if it was one to this model */
    asked: (event: RetryEvent): StepRequest | undefined => {
      const request = requestOf(event)
      change(event.sessionID, { request: undefined, attempt: event.attempt })
      return request
    },
    /** 0 where OpenCode has asked nothing yet. */
    attempt: (sessionID: string): number => steps.get(sessionID)?.attempt ?? 0,
    /** How often the step has been asked again on the model that it is on; attempts ascend within a step. */
    repeats: ({ sessionID, model: reference, attempt }: RetryEvent): number => {
      const model = keyOf(reference)
      const before = steps.get(sessionID)?.identical
      const first = before?.model === model && attempt === before.last + 1 ? before.first : attempt
      change(sessionID, { identical: { model, first, last: attempt } })
      return attempt - first
    },
    /** OpenCode's next question is about another step, whose request may have begun already. */
    ended: (sessionID: string): void => change(sessionID, { attempt: undefined }),
    forget: (sessionID: string): void => steps.delete(sessionID),
  }
}
