import { BoundedMap } from "../../core/bounded-map.ts"
import type { Decision } from "../../core/decide.ts"
import { type ModelKey, providerOf, sameModel } from "../../core/model-ref.ts"
import type { FailureKind } from "../../core/verdict.ts"
import { type Failover, type Judgement, turnAfterSwitch } from "../../failover/failover.ts"
import type { Host } from "../../host/host.ts"
import type { Notices } from "../../notify/notices.ts"
import type { Sessions } from "../../turn/sessions.ts"
import type { Turn } from "../../turn/turn.ts"
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
  readonly sessions: Sessions
  readonly host: Pick<Host, "log">
  readonly notices: Notices
  readonly loans: Loans
  readonly evidence: EvidenceBox
  readonly starts: TurnStarts
  /** The longest wait for a model to come back when nobody is left, milliseconds; `undefined`: no waiting. */
  readonly mostWaitMs: number | undefined
  readonly now: () => number
}

/** OpenCode asks this hook at most so often per step, our own switches included (2.0.15). */
const lastAttempt = 11
/** From here on the same model is not asked twice: what is left of the budget belongs to the chain. */
const lastRepeat = 6
/** OpenCode waits as long as the provider says, up to 900 s: longer than this is not waited for without an answer. */
const longestToldWaitMs = 60_000
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
  const { failover, sessions, host, notices, loans, now } = deps
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
    if (turn.phase.is === "exhausted") return told(event, turn.phase.refusal)
    const failed: Failed = { event, turn, own, startedAt }
    if (evidence?.saw === "known-down")
      return switchOrEnd(failed, evidence.kind, await failover.successor(turn, evidence.kind))
    await judge(failed, evidence)
  }

  async function judge(
    failed: Failed,
    evidence: Extract<Evidence, { saw: "failure" }> | undefined,
  ): Promise<void> {
    const { event, turn } = failed
    const failure = evidence?.failure ?? failureOfRetry(event, providerOf(turn.inUse))
    const isIdentical = evidence?.began !== true && event.attempt <= lastRepeat
    const asked = isIdentical ? repeats(event) : undefined
    const { verdict, decision } = await judged(turn, failure, asked)
    if (decision.do === "pass") {
      host.log("info", `left to OpenCode: ${turn.inUse} ${verdict.kind} (${decision.why}; ${verdict.rule})`)
      return
    }
    if (decision.do === "repeat") {
      event.decision = { retry: true, delay: decision.afterMs }
      return
    }
    await switchOrEnd(failed, verdict.kind, decision)
  }

  /** An error that nobody can read is OpenCode's the first time; see `resolveFailure` of version 1. */
  async function judged(
    turn: Turn,
    failure: Parameters<Failover["judge"]>[1],
    asked: number | undefined,
  ): Promise<Judgement> {
    const first = await failover.judge(turn, failure, asked)
    if (first.verdict.kind !== "unknown" || first.decision.do !== "pass") return first
    if (turn.unread === undefined || !sameModel(turn.unread, turn.inUse)) {
      sessions.patchTurn(turn, { unread: turn.inUse })
      return first
    }
    return failover.judge(turn, { provider: failure.provider, status: 503 }, undefined)
  }

  async function switchOrEnd(
    failed: Failed,
    kind: FailureKind | undefined,
    decision: Decision,
  ): Promise<void> {
    if (decision.do === "switch") return leave(failed, kind, decision)
    if (decision.do === "exhausted") return exhausted(failed, kind ?? "unknown", decision)
  }

  async function leave(
    { event, turn, own, startedAt }: Failed,
    kind: FailureKind | undefined,
    { to, skipped }: Extract<Decision, { do: "switch" }>,
  ): Promise<void> {
    await loans.lend(turn.sessionID, own, referenceTo(to.model, to.variant ?? own.variant))
    event.decision = { retry: true, delay: 0 }
    sessions.patchTurn(turn, turnAfterSwitch(turn, to.model, kind))
    notices.switched(turn, to.model, kind, skipped, now() - startedAt)
  }

  /** Where somebody may be well within OpenCode's own retries they are left alone; otherwise the turn ends now. */
  async function exhausted(
    { event, turn }: Failed,
    kind: FailureKind,
    decision: Extract<Decision, { do: "exhausted" }>,
  ): Promise<void> {
    const wait = waitFor(decision)
    const text = notices.exhausted(turn, kind, decision, wait)
    if (wait !== undefined && event.attempt < lastAttempt) {
      event.decision = { retry: true, delay: wait }
      sessions.patchTurn(turn, { tried: [], attempts: 0, waited: true })
      return
    }
    const phase = { is: "exhausted", handedOver: true, backAt: decision.soonest?.at, refusal: text } as const
    sessions.patchTurn(turn, { phase })
    await loans.giveBack(turn.sessionID)
    told(event, text)
  }

  function waitFor({ soonest }: Extract<Decision, { do: "exhausted" }>): number | undefined {
    if (deps.mostWaitMs === undefined || !soonest) return undefined
    const wait = Math.max(0, soonest.at - now())
    return wait <= deps.mostWaitMs ? wait : undefined
  }
}

/** The end of a turn in our words. Short pauses of OpenCode's own, on the user's own model, are left to it. */
function told(event: RetryEvent, text: string | undefined): void {
  if (text !== undefined) event.error.message = text
  const { decision } = event
  if (!decision.retry || decision.delay > longestToldWaitMs) event.decision = { retry: false }
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
