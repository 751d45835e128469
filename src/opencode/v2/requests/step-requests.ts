import { sameModel } from "../../../core/model-ref.ts"
import type { SkipReason } from "../../../core/skip-reason.ts"
import type { Failure } from "../../../core/verdict.ts"
import { failureInStream } from "../../../failover/read-failure.ts"
import type { Timeouts } from "../../../failover/timeouts.ts"
import type { StreamFailure } from "../../../transport/stream-failure.ts"
import type { Shown, WireReader } from "../../../transport/wire/wire-types.ts"
import { noteTool } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { ModelReference, StepEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import type { Loans } from "../lending/loans.ts"
import type { Parts } from "../lending/parts.ts"
import { forcesRetry } from "./forces-retry.ts"
import type { Steps } from "./steps.ts"

/** What is asked of a step's request whether it goes over HTTP or over a WebSocket. */
export type StepDeps = Parts & {
  readonly steps: Steps
  readonly timeouts: Timeouts
}

/** OpenCode asks at most so often per step, our own switches included (2.0.15). */
export const lastAttempt = 11

/** Whether nothing but a switch makes OpenCode ask once more in this step when the request at hand fails. */
export function isLastRequest({ steps }: Pick<StepDeps, "steps">, sessionID: string): boolean {
  return steps.attempt(sessionID) >= lastAttempt - 1
}

/** Whether a request is a step of a turn that we follow. */
export function takesPart({ sessions, failover }: StepDeps, { kind, sessionID }: StepEvent): boolean {
  return kind === "primary" && sessions.turn(sessionID) !== undefined && failover.enabled(sessionID)
}

/** Whatever became of the request before this one, OpenCode may have said nothing of it. */
export function beginRequest({ steps, failover }: StepDeps, event: StepEvent, reader?: WireReader): void {
  steps.begin(event, reader)
  failover.endProbe({ sessionID: event.sessionID, model: keyOf(event.model) })
}

/** Why this request is not to be sent; only where somebody else can take the step. */
export async function whyUnasked(
  { sessions, loans, nextMove, steps }: StepDeps,
  { sessionID, model }: StepEvent,
): Promise<SkipReason | undefined> {
  const turn = sessions.turn(sessionID)
  if (!turn || loans.isStuck(sessionID)) return undefined
  // To refuse it would be to end the step.
  if (steps.attempt(sessionID) === lastAttempt) return undefined
  if (isPutBack(loans, turn, model)) return { why: "tried" }
  return sameModel(keyOf(model), turn.inUse.model) ? (await nextMove.withoutAsking(turn))?.reason : undefined
}

/** A client has put the session back on its own model in the middle of a turn that goes on elsewhere. */
export function isPutBack(
  loans: Pick<Loans, "owed">,
  { sessionID, inUse }: Turn,
  model: ModelReference,
): boolean {
  const loan = loans.owed(sessionID)
  const is = (reference: ModelReference): boolean => sameModel(keyOf(reference), inUse.model)
  return loan !== undefined && is(loan.inUse) && !is(model) && sameModel(keyOf(loan.own), keyOf(model))
}

/**
 * What OpenCode is told of a failure; without it, it gets the failure as it is. Either it is to ask what to do, which it
 * would not do by itself, or nobody is left: besides the message of the step, which the answer to its question changes, it
 * shows and prints the words of the last response (2.0.15).
 */
type Told = { readonly says: string; readonly isLastWord: boolean }

/** What becomes of a failure when OpenCode asks about it, and what it is told so that it does. */
export function toldOf(
  { sessions, failover, nextMove, faults, steps }: StepDeps,
  { sessionID, model }: StepEvent,
  what: Parameters<typeof forcesRetry>[0],
  failure: Failure,
): Promise<Told | undefined> {
  return faults.guardAsync(async () => {
    const turn = sessions.turn(sessionID)
    if (!turn || !sameModel(turn.inUse.model, keyOf(model))) return undefined
    // A turn in which a tool has run ends well without a word.
    if (what === "empty" && turn.hasRunTool) return undefined
    const isLast = isLastRequest({ steps }, sessionID)
    // A silent model is left or waited for.
    const repeats = what === "silence" || isLast ? undefined : Math.max(0, turn.inUse.requests - 1)
    const judgement = await failover.foresee(turn, failure, repeats)
    const says = await nextMove.foreseenRefusal(turn, judgement, isLast ? "never" : "soon")
    if (says !== undefined) return { says, isLastWord: true }
    const mustAsk = forcesRetry(what, failure, judgement)
    return mustAsk ? { says: `${keyOf(model)} cannot go on`, isLastWord: false } : undefined
  })
}

/** Keeps what has broken in the middle of an answer. */
export function toldOfBroken(
  deps: StepDeps,
  event: StepEvent,
  broken: StreamFailure,
  shown: Shown,
): Promise<Told | undefined> {
  const failure = failureInStream(broken)
  deps.steps.saw(event, { saw: "failure", failure, began: shown !== "nothing" })
  return toldOf(deps, event, broken.type, failure)
}

/** The provider has ended its answer. */
export function noteEnd(
  { sessions }: StepDeps,
  { sessionID }: StepEvent,
  closing: "turn-ends" | "goes-on",
): void {
  const turn = sessions.turn(sessionID)
  if (closing === "goes-on" && turn) sessions.change(turn, "noteTool", noteTool)
}
