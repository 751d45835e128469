import { BoundedMap } from "../../core/bounded-map.ts"
import { type ModelKey, providerOf, sameModel } from "../../core/model-ref.ts"
import type { Failover } from "../../failover/failover.ts"
import type { DecideNextMove, Move, NextMove } from "../../failover/next-move.ts"
import type { OwnChoice } from "../../failover/own-choice.ts"
import type { Host } from "../../host/host.ts"
import type { Notices } from "../../notify/notices.ts"
import type { Sessions } from "../../turn/sessions.ts"
import { comeBack, type Transition } from "../../turn/transitions.ts"
import type { Turn } from "../../turn/turn.ts"
import type { Compactions } from "./compaction.ts"
import type { Context, ModelReference, RetryEvent } from "./context.ts"
import type { Evidence, EvidenceBox } from "./evidence.ts"
import { failureOfRetry } from "./failure-of-retry.ts"
import type { Loans } from "./loans.ts"
import { keyOf, referenceTo } from "./model-reference.ts"
import { readStanding } from "./session-model.ts"
import type { TurnStarts } from "./turn-starts.ts"

export type RetryDeps = {
  readonly context: Pick<Context, "session" | "model">
  readonly failover: Failover
  readonly nextMove: DecideNextMove
  readonly ownChoice: OwnChoice
  readonly sessions: Sessions
  readonly host: Pick<Host, "log">
  readonly notices: Notices
  readonly loans: Loans
  readonly evidence: EvidenceBox
  readonly starts: TurnStarts
  readonly compactions: Pick<Compactions, "isUnderWay">
  readonly now: () => number
}

/** OpenCode asks this hook at most so often per step, our own switches included (2.0.15). */
const lastAttempt = 11
/** From here on the same model is not asked twice: what is left of the budget belongs to the chain. */
const lastRepeat = 6
/** OpenCode waits as long as the provider says, up to 900 s; its own pauses are about 10 s at most (2.0.15). */
const longestOwnPauseMs = 15_000
const usualPauseMs = 4_000
const mostSessions = 500

/** A failed step, as this hook sees it. */
type Failed = {
  readonly event: RetryEvent
  readonly turn: Turn
  readonly own: ModelReference
  readonly startedAt: number
}

/**
 * Answers OpenCode's question what to do about a failed step: switch the session to the next model and ask again at
 * once, inside the same turn.
 */
export function createRetryHook(deps: RetryDeps): (event: RetryEvent) => Promise<void> {
  const { failover, nextMove, ownChoice, sessions, host, notices, loans, now } = deps
  const repeats = createRepeats()

  return async (event) => {
    try {
      await answer(event)
    } catch (error) {
      // Requests that we refuse would all end here.
      loans.stick(event.sessionID)
      throw error
    }
  }

  async function answer(event: RetryEvent): Promise<void> {
    const startedAt = now()
    const { sessionID } = event
    // The chain has been walked for it already; see `createCompactions`.
    if (deps.compactions.isUnderWay(sessionID)) return
    const model = keyOf(event.model)
    const evidence = deps.evidence.take(sessionID, model)
    const { current, own } = await readStanding(deps.context, loans, sessionID)
    if (!current || !own || !failover.enabled(sessionID)) return
    if (!sameModel(keyOf(current), model)) {
      // Somebody has switched the session while this request was under way: that is the answer.
      event.decision = { retry: true, delay: 0 }
      return
    }
    const turn = deps.starts.turnOf(event, own)
    if (turn.phase.is === "exhausted" && turn.phase.refusal !== undefined)
      return refuse(event, turn.phase.refusal)
    const failed: Failed = { event, turn, own, startedAt }
    if (evidence?.saw !== "known-down") return judge(failed, evidence)
    const next = await nextMove.withoutAsking(turn)
    if (next) await leave(failed, next)
  }

  async function judge(
    failed: Failed,
    evidence: Extract<Evidence, { saw: "failure" }> | undefined,
  ): Promise<void> {
    const { event, turn } = failed
    const failure = evidence?.failure ?? failureOfRetry(event, providerOf(turn.inUse.model))
    const isIdentical = evidence?.began !== true && event.attempt <= lastRepeat
    await perform(
      failed,
      await nextMove.afterFailure(turn, { failure, repeats: isIdentical ? repeats(event) : undefined }),
    )
  }

  async function perform(failed: Failed, next: NextMove): Promise<void> {
    const { event, turn } = failed
    const { move, verdict, after } = next
    switch (move.do) {
      case "pass":
        sessions.change(turn, "pass", after)
        host.log(
          "info",
          `left to OpenCode: ${turn.inUse.model} ${verdict.kind} (${move.why}; ${verdict.rule})`,
        )
        return
      case "repeat":
        event.decision = { retry: true, delay: move.afterMs }
        return
      case "leave":
        return leave(failed, { move, after })
      case "wait":
        if (event.attempt >= lastAttempt) return
        void notices.exhausted(turn, { why: verdict, decision: move.decision, waitMs: move.forMs })
        sessions.change(turn, "wait", after)
        event.decision = { retry: true, delay: move.forMs }
        return
      case "giveUp":
        return giveUp(failed, next, move)
    }
  }

  async function leave(
    { event, turn, own, startedAt }: Failed,
    { move, after }: { readonly move: Extract<Move, { do: "leave" }>; readonly after: Transition },
  ): Promise<void> {
    const { to, skipped, why } = move
    await loans.lend(turn.sessionID, own, referenceTo(to.model, to.variant ?? own.variant))
    event.decision = { retry: true, delay: 0 }
    sessions.change(turn, move.do, after)
    ownChoice.lend(turn, to.model, why.kind)
    void notices.switched(turn, { to: to.model, why, skipped, durationMs: now() - startedAt })
  }

  /**
   * Nobody is left: the turn ends now, with one error that says everything. Where somebody may be well within
   * OpenCode's own retries, they go on, on the user's own model.
   */
  async function giveUp(
    { event, turn }: Failed,
    { verdict, after }: NextMove,
    { refusal, decision }: Extract<Move, { do: "giveUp" }>,
  ): Promise<void> {
    if (turn.phase.is !== "exhausted") void notices.exhausted(turn, { why: verdict, decision })
    sessions.change(turn, "giveUp", after)
    await loans.giveBack(turn.sessionID)
    ownChoice.giveBack(turn.sessionID)
    if (refusal !== undefined) return refuse(event, refusal)
    const { decision: proposed } = event
    const isShort = proposed.retry && proposed.delay <= longestOwnPauseMs
    event.decision = isShort ? proposed : { retry: true, delay: usualPauseMs }
    sessions.change(turn, "comeBack", comeBack)
  }
}

/** The end of a turn in our words. */
function refuse(event: RetryEvent, text: string): void {
  event.error.message = text
  event.decision = { retry: false }
}

/** How often a step has been asked again on the model that it is on; attempts ascend within a step. */
function createRepeats(): (event: RetryEvent) => number {
  const known = new BoundedMap<
    string,
    { readonly model: ModelKey; readonly first: number; readonly last: number }
  >(mostSessions)
  return ({ sessionID, model: reference, attempt }) => {
    const model = keyOf(reference)
    const before = known.get(sessionID)
    const first = before && before.model === model && attempt === before.last + 1 ? before.first : attempt
    known.set(sessionID, { model, first, last: attempt })
    return attempt - first
  }
}
