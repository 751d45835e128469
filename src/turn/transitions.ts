import { type ModelKey, sameModel } from "../core/model-ref.ts"
import { refusals, triedModel, withTried } from "../core/select.ts"
import type { SkipReason } from "../core/skip-reason.ts"
import type { Failure, FailureKind } from "../core/verdict.ts"
import { holdsBackOriginal, owesOriginal } from "./turn-predicates.ts"
import type { Choice, StepState, Turn, TurnPhase } from "./turn.ts"

/**
 * All that can happen to a turn: pure functions from a turn to the next one. A transition that the phase does
 * not allow gives `undefined`; whoever applies it (`Sessions.change`) logs that and leaves the turn as it is.
 */
export type Transition = (turn: Turn) => Turn | undefined

/** Why a turn cannot go on with its model, as it remembers it. */
export type SwitchReason = {
  readonly kind?: FailureKind | undefined
  readonly retryAt?: number | undefined
  /** No failure yet: this limit is nearly used up, in words for people. */
  readonly limit?: string | undefined
  /** No failure: it was not asked for this. */
  readonly obstacle?: SkipReason
}

const running: TurnPhase = { is: "running" }

/** Asks nothing of a model but tools, where nobody says more. */
export function beginTurn(
  beginning: Pick<Turn, "sessionID" | "messageID" | "agent" | "own"> &
    Partial<Pick<Turn, "needs" | "keepsOwn">>,
): Turn {
  return {
    needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
    keepsOwn: false,
    ...beginning,
    inUse: { ...beginning.own, requests: 0 },
    tried: [],
    attempts: 0,
    phase: running,
  }
}

/**
 * OpenCode runs again, for a prompt that came while the turn was under way: what it has met counts no longer.
 *
 * @param standIn what the session still stands on in the place of the own model
 */
export function beginAnew(standIn: Choice | undefined): Transition {
  return ({ sessionID, messageID, agent, own, needs, keepsOwn }) => ({
    ...beginTurn({ sessionID, messageID, agent, own, needs, keepsOwn }),
    inUse: { ...(standIn ?? own), requests: 0 },
  })
}

/** A request of the turn holds this much, with what tools have returned. */
export function hold(held: Partial<Turn["needs"]>): Transition {
  return (turn) => ({ ...turn, needs: { ...turn.needs, ...held } })
}

/** OpenCode prepares a request for the model in use. */
export function announce(agent: string): Transition {
  return (turn) => ({
    ...turn,
    agent,
    // OpenCode took the session up again by itself, after a compaction for instance.
    phase: turn.phase.is === "ended" ? running : turn.phase,
    inUse: { ...turn.inUse, requests: turn.inUse.requests + 1, step: "announced" },
    overwritten: 0,
  })
}

/**
 * OpenCode prepares a request for a model that we have not put in: it comes from the agent that OpenCode has
 * gone over to (from `plan` to `build`), and is the user's choice for it.
 */
export function changeAgent(messageID: string, agent: string, own: Choice): Transition {
  return (turn) => announce(agent)({ ...turn, messageID, own, inUse: { ...own, requests: 0 } })
}

/** The host has told whose choice the model is that stood in before we saw the turn. */
export function chooseOwn(own: Choice): Transition {
  return (turn) => ({ ...turn, own })
}

/** The lent message names a model again that the turn has left: the host has written an older state of it. */
export const noteOverwritten: Transition = (turn) => ({ ...turn, overwritten: (turn.overwritten ?? 0) + 1 })

/** The loop goes on with a newer message of the same turn: OpenCode's own, or a prompt that was queued. */
export function continueWith(messageID: string): Transition {
  return (turn) => ({ ...turn, messageID })
}

export function markStep(step: StepState): Transition {
  return (turn) => ({ ...turn, inUse: { ...turn.inUse, step } })
}

/** One of the two ways takes a failure of the model in use; the other one then leaves it alone. */
export const claim: Transition = (turn) =>
  turn.phase.is === "running" ? markStep("decided")(turn) : undefined

/** An answer of the model in use has ended without an end. */
export function noteEarlyEnd(answerID: string): Transition {
  return (turn) => {
    const { earlyEnds = [] } = turn.inUse
    if (earlyEnds.includes(answerID)) return turn
    return { ...turn, inUse: { ...turn.inUse, earlyEnds: [...earlyEnds, answerID] } }
  }
}

/** A proper answer ends a row of early ends. */
export const forgetEarlyEnds: Transition = (turn) => {
  if (turn.inUse.earlyEnds === undefined) return turn
  const { earlyEnds: _, ...inUse } = turn.inUse
  return { ...turn, inUse }
}

/** Nobody can read the failure of the model in use. */
export const noteUnclassified: Transition = (turn) => ({
  ...turn,
  inUse: { ...turn.inUse, isUnclassified: true },
})

/** OpenCode waits for the model in use: a provider that puts off its return again and again is waited for once. */
export function waitPatiently(now: number): Transition {
  return (turn) => ({
    ...turn,
    patientTries: (turn.patientTries ?? 0) + 1,
    inUse: { patientSince: now, ...turn.inUse },
  })
}

/** The failure of the own model is what people see when all others fail as well. */
export function keepOriginal(failure: Failure, why: SwitchReason): Transition {
  return (turn) =>
    holdsBackOriginal(turn) ? turn : { ...turn, original: { ...triedModel(turn.inUse.model, why), failure } }
}

/** The turn leaves its model for another one. */
export function switchTo(to: Choice, why: SwitchReason): Transition {
  return (turn) => {
    if (turn.phase.is === "aborted") return undefined
    return {
      ...turn,
      inUse: { ...to, requests: 0 },
      tried: withTried(turn.tried, triedModel(turn.inUse.model, why)),
      attempts: turn.attempts + 1,
      phase: turn.phase.is === "exhausted" ? running : turn.phase,
    }
  }
}

/**
 * The turn starts on another model, because its own one must not be asked, or is spared. That costs no attempt, and one
 * that has not failed may still be asked when the others do.
 */
export function startOn(to: Choice, why: SwitchReason): Transition {
  return (turn) => {
    const left = switchTo(to, why)(turn)
    return left && { ...left, attempts: 0, ...(why.kind === undefined && { tried: turn.tried }) }
  }
}

/** The turn goes back to the user's own model. */
export const comeBack: Transition = (turn) =>
  turn.phase.is === "aborted" ? undefined : { ...turn, inUse: { ...turn.own, requests: 0 } }

/** Nobody is left. */
export function exhaust(refusal: string | undefined, why: SwitchReason = {}): Transition {
  return (turn) => {
    if (turn.phase.is !== "running" && turn.phase.is !== "exhausted") return undefined
    const gives = holdsBackOriginal(turn) ? "original" : "failure"
    const phase: TurnPhase =
      refusal === undefined
        ? { is: "exhausted", gives }
        : { is: "exhausted", gives: "refusal", text: refusal }
    return { ...walkAnew(turn, why), isToldExhausted: true, phase }
  }
}

/** OpenCode has been given the own model's failure. */
export const giveOriginal: Transition = (turn) =>
  owesOriginal(turn)
    ? { ...turn, inUse: { ...turn.inUse, step: "decided" }, phase: { is: "exhausted", gives: "failure" } }
    : undefined

/** The turn waits for a model to come back, and walks its chain again then. */
export function waitForModel(why: SwitchReason): Transition {
  return (turn) =>
    turn.phase.is === "running" || turn.phase.is === "exhausted"
      ? { ...walkAnew(turn, why), attempts: 0 }
      : undefined
}

function walkAnew(turn: Turn, why: SwitchReason): Turn {
  const tried = withTried(turn.tried, triedModel(turn.inUse.model, why))
  return { ...turn, tried: refusals(tried), walksAnew: true }
}

/** This model has answered properly, if need be after all. */
export function recover(model: ModelKey): Transition {
  return (turn) => {
    const { isToldExhausted: _, patientTries: _tries, phase, ...rest } = turn
    const { patientSince: __, ...inUse } = turn.inUse
    const answered: Turn["inUse"] = sameModel(model, inUse.model) ? { ...inUse, hasAnswered: true } : inUse
    return { ...rest, inUse: answered, phase: phase.is === "exhausted" ? running : phase }
  }
}

export const noteTool: Transition = (turn) => ({ ...turn, hasRunTool: true })

/** The reactive way waits for the failed run to end, if it has not ended already. */
export const beginReplay: Transition = (turn) =>
  turn.phase.is === "running" || turn.phase.is === "exhausted" || turn.phase.is === "ended"
    ? { ...turn, phase: { is: "replaying", stage: "ending", cut: false } }
    : undefined

/** The message is sent again. */
export function sendReplay(next: TurnPhase): Transition {
  return (turn) => ({ ...turn, phase: { is: "replaying", stage: "starting", next } })
}

/** OpenCode has taken the replayed message up. */
export const acceptReplay: Transition = (turn) =>
  turn.phase.is === "replaying" && turn.phase.stage === "starting"
    ? { ...turn, phase: turn.phase.next }
    : undefined

/** A request was aborted: by the user, for good, or by the reactive way. */
export const abort: Transition = (turn) => {
  if (turn.phase.is !== "replaying") return { ...turn, phase: { is: "aborted" } }
  return turn.phase.stage === "ending" ? { ...turn, phase: { ...turn.phase, cut: true } } : turn
}

/** The user has ended the turn while the reactive way was at work. */
export const abortReplay: Transition = (turn) => ({ ...turn, phase: { is: "aborted" } })

/** What was told was of something beside the run, which goes on; its request may still fail. */
export const dropReplay: Transition = (turn) =>
  turn.phase.is === "replaying" ? markStep("announced")({ ...turn, phase: running }) : undefined

/** The replay has come to nothing. */
export const endReplay: Transition = (turn) =>
  turn.phase.is === "replaying" ? { ...turn, phase: { is: "ended" } } : undefined

/** The session is idle. What the first failure looked like may be large and is of no use any longer. */
export const end: Transition = (turn) => {
  if (turn.phase.is === "replaying") return turn
  const { original: _, ...rest } = turn
  return { ...rest, phase: turn.phase.is === "running" ? { is: "ended" } : turn.phase }
}
