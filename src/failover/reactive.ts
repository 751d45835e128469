import { failureFromOpenCodeError, failureFromStatusText } from "../core/classify/failure-from.ts"
import type { Decision } from "../core/decide.ts"
import { type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import type { Failure } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Notices } from "../notify/notices.ts"
import type { Ending, IdleSignal } from "../turn/idle-signal.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { Turn } from "../turn/turn.ts"
import { isOfEarlierTurn } from "./turn-keeper.ts"
import type { CompactionFailover } from "./compaction.ts"
import { type Failover, type Judgement, turnAfterSwitch } from "./failover.ts"
import { createReplayTurn, idlesAfterError, type ReplayPlan } from "./replay-turn.ts"

export type ReactiveDeps = {
  readonly failover: Failover
  readonly sessions: Sessions
  readonly host: Pick<Host, "abort" | "replay" | "log">
  readonly notices: Notices
  readonly idle: IdleSignal
  readonly compaction: CompactionFailover
  /** `when_exhausted: "wait"`: a long wait of OpenCode's own is left to it. */
  readonly waitsWhenExhausted: boolean
  readonly now: () => number
}

/** OpenCode's announcement that it will ask the same model again; `next` in milliseconds since 1970. */
export type RetryStatus = { readonly message: string; readonly next: number }

/** What an answer or an error says of itself. `session.error` says neither. */
export type Origin = { readonly answers?: string | undefined; readonly model?: ModelKey | undefined }

/**
 * Failover for what cannot be caught in flight: unknown wire protocols, requests that do not go through `fetch`,
 * models that do not exist. The turn is replayed on the next model under the same message id, once the session
 * is idle.
 */
export type Reactive = {
  readonly onRetry: (sessionID: string, status: RetryStatus) => Promise<void>
  readonly onError: (sessionID: string, error: unknown, origin: Origin) => Promise<void>
  /** A model has ended an answer properly. */
  readonly onAnswer: (sessionID: string, origin: Origin) => void
}

/** OpenCode's own longest pause is 30 s and a quarter more: what is longer was told by the provider. */
const longestOwnPauseMs = 40_000
/** Nobody is left: up to here OpenCode may wait for the model in use (in flight: `longestToldWaitMs`). */
const longestLastWaitMs = 60_000

export function createReactive(deps: ReactiveDeps): Reactive {
  const { failover, sessions, host, notices, now } = deps
  const replayTurn = createReplayTurn(deps)

  /** The turn, if this failure is for the reactive way: not taken by either way yet, and not over. */
  const ownTurn = (sessionID: string, origin: Origin): Turn | undefined => {
    const turn = sessions.turn(sessionID)
    if (!turn || turn.phase.is !== "running" || !failover.enabled(sessionID)) return undefined
    if (origin.model !== undefined && !sameModel(origin.model, turn.inUse)) return undefined
    if (origin.answers !== undefined && isOfEarlierTurn(turn, origin.answers)) return undefined
    if (turn.step?.state === "in-flight") return undefined
    const isTaken = turn.step?.state === "decided" && sameModel(turn.step.model, turn.inUse)
    return isTaken ? undefined : turn
  }

  /** @param retryAt set while OpenCode waits to ask again */
  const react = async (turn: Turn, failure: Failure, retryAt: number | undefined): Promise<void> => {
    const startedAt = now()
    // Before anything is awaited: the same error is told twice, and the session is idle within a millisecond.
    const claimed = sessions.patchTurn(turn, { step: { model: turn.inUse, state: "decided" } })
    if (!claimed) return
    const ending = retryAt === undefined ? deps.idle.settled(turn.sessionID, idlesAfterError) : undefined
    const judgement = await failover.judge(claimed, failure, undefined)
    if (isOverBy(claimed, retryAt !== undefined)) return
    const { verdict, decision } = judgement
    switch (decision.do) {
      case "repeat":
      case "pass":
        host.log("info", `left to OpenCode: ${turn.inUse} ${verdict.kind} (${verdict.rule})`)
        return
      case "exhausted":
        return exhausted(claimed, failure, judgement, decision, retryAt)
      case "switch":
        return goOn(claimed, judgement, decision, ending, startedAt)
    }
  }

  /** Whether the turn came to its end while it was being judged. */
  const isOverBy = ({ sessionID, messageID }: Turn, wasBusy: boolean): boolean => {
    const turn = sessions.turn(sessionID)
    if (!turn || turn.phase.is === "aborted") return true
    if (wasBusy) return turn.messageID === messageID && turn.phase.is !== "running"
    return turn.messageID !== messageID
  }

  const goOn = async (
    turn: Turn,
    { verdict }: Judgement,
    { to, skipped }: Extract<Decision, { do: "switch" }>,
    ending: Promise<Ending> | undefined,
    startedAt: number,
  ): Promise<void> => {
    let left = false
    const replayed = await replayTurn(turn, ending, (current) => {
      // A newer prompt may already be on another model than the one that has failed.
      left = sameModel(current.inUse, turn.inUse)
      if (!left) return asItIs(current)
      const running = { is: "running" } as const
      const variant = to.variant ?? current.carried.variant
      return {
        model: to.model,
        variant,
        change: turnAfterSwitch(current, to.model, verdict.kind),
        phase: running,
      }
    })
    if (replayed && left) notices.switched(replayed, to.model, verdict.kind, skipped, now() - startedAt)
  }

  const exhausted = async (
    turn: Turn,
    failure: Failure,
    { verdict }: Judgement,
    decision: Extract<Decision, { do: "exhausted" }>,
    retryAt: number | undefined,
  ): Promise<void> => {
    notices.exhausted(turn, verdict.kind, decision, undefined)
    const phase = { is: "exhausted", handedOver: true, backAt: decision.soonest?.at } as const
    sessions.patchTurn(turn, { phase })
    const isLong = retryAt !== undefined && retryAt - now() > longestLastWaitMs
    if (!isLong || decision.why === "no-chain" || deps.waitsWhenExhausted) return
    // OpenCode would wait for as long as the provider said. On the user's own model, where each request is refused
    // with the error itself, it gives up in its own time (about a minute), and no provider is asked.
    const refusal = failure.message ?? `${turn.inUse}: ${verdict.kind}`
    await replayTurn(turn, undefined, (current) => {
      if (current.messageID !== turn.messageID) return asItIs(current)
      const { own, ownVariant } = turn
      return { model: own, variant: ownVariant, change: { inUse: own }, phase: { ...phase, refusal } }
    })
  }

  return {
    onRetry: async (sessionID, status) => {
      if (sessions.get(sessionID).compaction)
        return deps.compaction.onFailure(sessionID, failureFromStatusText(status.message), true)
      const turn = ownTurn(sessionID, {})
      if (!turn) return
      const failure = failureFromStatusText(status.message, providerOf(turn.inUse))
      await react(turn, withToldWait(failure, status.next - now()), status.next)
    },
    onError: async (sessionID, error, origin) => {
      if (sessions.get(sessionID).compaction)
        return deps.compaction.onFailure(sessionID, failureFromOpenCodeError(error), false)
      const turn = ownTurn(sessionID, origin)
      if (!turn) return
      await react(turn, failureFromOpenCodeError(error, providerOf(turn.inUse)), undefined)
    },
    onAnswer: (sessionID, { model }) => {
      const turn = sessions.turn(sessionID)
      // Requests that were seen in flight are reported there, and some of their answers are our own.
      if (!turn || model === undefined || turn.step?.state !== "announced") return
      if (!sameModel(turn.step.model, model)) return
      failover.succeeded(model, now())
      if (sameModel(model, turn.own)) notices.returned(turn)
    },
  }
}

function asItIs({ inUse, carried }: Turn): ReplayPlan {
  return { model: inUse, variant: carried.variant, change: {}, phase: { is: "running" } }
}

/**
 * The event has no headers, but a long wait can only come from one. OpenCode found the failure worth a retry:
 * whatever its words are, the model is away until then.
 */
function withToldWait(failure: Failure, waitMs: number): Failure {
  if (waitMs <= longestOwnPauseMs) return failure
  return { ...failure, status: failure.status ?? 503, headers: { "retry-after-ms": String(waitMs) } }
}
