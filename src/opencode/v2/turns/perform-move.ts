import { ownRetriesMs } from "../../../core/may-recover.ts"
import { sameModel } from "../../../core/model-ref.ts"
import type { GiveUp, NextMove, SwitchMove } from "../../../failover/next-move.ts"
import { comeBack } from "../../../turn/transitions.ts"
import { isOnOwn } from "../../../turn/turn-predicates.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { ModelReference, RetryDecision, RetryEvent } from "../host/context.ts"
import { referenceTo } from "../host/model-reference.ts"
import type { Parts } from "../lending/parts.ts"
import { lastAttempt } from "../requests/step-requests.ts"

/** A failed step, as OpenCode asks about it. */
export type RetryQuestion = {
  readonly event: RetryEvent
  readonly turn: Turn
  /** The user's own model of the session. */
  readonly own: ModelReference
  /** When the session last came to rest. */
  readonly idleAt: number | undefined
  readonly startedAt: number
  /** The step has left something in the history, with the error as it was. */
  readonly hasBegun: boolean
}

export function asksAgain({ attempt }: RetryEvent): "soon" | "never" {
  return attempt >= lastAttempt ? "never" : "soon"
}

/** Carries out the next move through OpenCode's question. */
export async function perform(deps: Parts, failed: RetryQuestion, next: NextMove): Promise<void> {
  const { event, turn } = failed
  switch (next.do) {
    case "pass":
      deps.sessions.change(turn, "pass", next.after)
      return
    case "repeat":
      event.decision = { retry: true, delay: next.afterMs }
      return
    case "switch":
      return switchTo(deps, failed, next)
    case "wait":
      void deps.notices.exhausted(turn, next)
      deps.sessions.change(turn, "wait", next.after)
      event.decision = { retry: true, delay: next.forMs }
      return
    case "giveUp":
      return giveUp(deps, failed, next)
  }
}

/** Switches the session to the next model, which OpenCode asks at once. */
export async function switchTo(deps: Parts, failed: RetryQuestion, next: SwitchMove): Promise<void> {
  const { loans, sessions, ownChoice, notices } = deps
  const { event, turn, own, idleAt, startedAt } = failed
  const { to, why } = next
  const reference = referenceTo(to.model, to.variant ?? own.variant)
  await loans.lend(turn.sessionID, own, reference, idleAt)
  event.decision = { retry: true, delay: 0 }
  // Esc came while the session was being switched: its end, which gives back, may have found nothing to give yet.
  if (isOver(sessions.turn(turn.sessionID), turn)) return loans.giveBack(turn.sessionID)
  sessions.change(turn, next.do, next.after)
  ownChoice.lend(turn, to.model, why.kind)
  void notices.switched(turn, { ...next, durationMs: deps.now() - startedAt })
  const failure = await deps.setUp.failureOf(turn.sessionID, reference)
  // Every client shows it until the next model speaks; those without our toasts show nothing else.
  if (!failure && !failed.hasBegun)
    event.error.message = `Continuing with ${to.model} · ${event.error.message}`
  const left = sessions.turn(turn.sessionID)
  if (!failure || !left || isOver(left, turn)) return
  await perform(
    deps,
    { ...failed, turn: left },
    await deps.nextMove.afterFailure(left, { failure, asksAgain: asksAgain(event) }),
  )
}

function isOver(now: Turn | undefined, { messageID }: Turn): boolean {
  return now?.messageID !== messageID || now.phase.is === "ended"
}

/**
 * Nobody is left: the turn ends now, with one error that says everything. Where somebody may be well within
 * OpenCode's own retries, they go on, on the user's own model.
 */
async function giveUp(
  { loans, sessions, ownChoice, notices, now }: Parts,
  { event, turn }: RetryQuestion,
  next: GiveUp,
): Promise<void> {
  void notices.exhausted(turn, next)
  sessions.change(turn, "giveUp", next.after)
  await loans.giveBack(turn.sessionID)
  ownChoice.giveBack(turn.sessionID)
  if (next.refusal !== undefined) return refuse(event, next.refusal)
  // Where no chain is set, what OpenCode would not ask again about ends the turn, as it would without us.
  const endsAnyway = next.decision.why === "no-chain" && !event.decision.retry
  if (!endsAnyway) event.decision = boundedRetry(event.decision, backInMs(turn, next, now()))
  sessions.change(turn, "comeBack", comeBack)
}

/** The end of a turn in our words. */
export function refuse(event: RetryEvent, text: string): void {
  event.error.message = text
  // Of this class `opencode acp` says only that somebody has to log in (2.0.15).
  if (event.error.type === "provider.auth") event.error.type = "provider.unknown"
  event.decision = { retry: false }
}

/** OpenCode waits as long as the provider says, up to 900 s; its own pauses are about 10 s at most (2.0.15). */
const longestOwnPauseMs = 15_000
const usualPauseMs = 4_000

/**
 * A retry that does not wait for hours, whatever OpenCode had in mind.
 *
 * @param backInMs how long until anybody is well again, where that is known
 */
export function boundedRetry(proposed: RetryDecision, backInMs = 0): RetryDecision {
  if (proposed.retry && proposed.delay <= longestOwnPauseMs) return proposed
  return { retry: true, delay: backInMs <= ownRetriesMs ? Math.max(backInMs, usualPauseMs) : usualPauseMs }
}

/** The own model is asked next: as long as it has not said when it is back, it may be at any time. */
function backInMs(
  { own, inUse, tried }: Turn,
  { verdict, decision }: GiveUp,
  now: number,
): number | undefined {
  const left = isOnOwn({ own, inUse }) ? verdict : tried.findLast(({ model }) => sameModel(model, own.model))
  const { soonest } = decision
  return left?.retryAt === undefined || soonest === undefined ? undefined : soonest.until - now
}
