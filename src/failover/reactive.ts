import { failureFromOpenCodeError, failureFromStatusText } from "../core/classify/failure-from.ts"
import type { Decision } from "../core/decide.ts"
import { providerOf } from "../core/model-ref.ts"
import type { Failure } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Notices } from "../notify/notices.ts"
import type { IdleSignal } from "../turn/idle-signal.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { Turn } from "../turn/turn.ts"
import type { CompactionFailover } from "./compaction.ts"
import { type Failover, turnAfterSwitch } from "./failover.ts"

export type ReactiveDeps = {
  readonly failover: Failover
  readonly sessions: Sessions
  readonly host: Pick<Host, "abort" | "replay" | "log">
  readonly notices: Notices
  readonly idle: IdleSignal
  readonly compaction: CompactionFailover
  readonly now: () => number
}

/** OpenCode's announcement that it will ask the same model again. */
export type RetryStatus = { readonly message: string; readonly next: number }

/**
 * Failover for what cannot be caught in flight: unknown wire protocols, requests that do not go through `fetch`,
 * models that do not exist. The turn is replayed on the next model under the same message id, once the session
 * is idle.
 */
export type Reactive = {
  readonly onRetry: (sessionID: string, status: RetryStatus) => Promise<void>
  readonly onError: (sessionID: string, error: unknown) => Promise<void>
}

/** OpenCode waits longer than this only when the provider has said so: the error is then worth a switch. */
const longWaitMs = 30_000

export function createReactive(deps: ReactiveDeps): Reactive {
  const { failover, sessions, host, notices, now } = deps

  /** The turn, if this failure is for the reactive way: not handled in flight and not over. */
  const ownTurn = (sessionID: string): Turn | undefined => {
    const turn = sessions.turn(sessionID)
    if (!turn || turn.phase.is !== "running" || !failover.enabled(sessionID)) return undefined
    const state = turn.step?.state
    return state === "decided" || state === "in-flight" ? undefined : turn
  }

  const react = async (turn: Turn, failure: Failure, isBusy: boolean): Promise<void> => {
    const startedAt = now()
    // Before anything is awaited: after an error the session is idle within the same millisecond.
    const alreadyEnding = isBusy ? undefined : deps.idle.next(turn.sessionID)
    const { verdict, decision } = await failover.judge(turn, failure, undefined)
    switch (decision.do) {
      case "repeat":
      case "pass":
        host.log("info", `left to OpenCode: ${turn.inUse} ${verdict.kind} (${verdict.rule})`)
        return
      case "exhausted":
        notices.exhausted(turn, verdict.kind, decision, undefined)
        sessions.patchTurn(turn, {
          phase: { is: "exhausted", handedOver: true, backAt: decision.soonest?.at },
        })
        return
      case "switch":
        await replay(turn, decision, alreadyEnding)
        sessions.patchTurn(turn, turnAfterSwitch(turn, decision.to.model, verdict.kind))
        notices.switched(turn, decision.to.model, verdict.kind, decision.skipped, now() - startedAt)
    }
  }

  const replay = async (
    turn: Turn,
    { to }: Extract<Decision, { do: "switch" }>,
    alreadyEnding: Promise<void> | undefined,
  ): Promise<void> => {
    const { messageID, sessionID } = turn
    if (messageID === undefined) throw new Error("the turn's message is not known, so it cannot be replayed")
    sessions.patchTurn(turn, { phase: { is: "replaying" } })
    try {
      const idle = alreadyEnding ?? deps.idle.next(sessionID)
      if (!alreadyEnding) await host.abort(sessionID)
      await idle
      // Esc may have come in between, or a new prompt.
      if (sessions.turn(sessionID)?.phase.is !== "replaying") return
      // The stored parts stay with the message: sending them again would double the text of attached files.
      await host.replay({
        ...turn.carried,
        variant: to.variant ?? turn.carried.variant,
        sessionID,
        messageID,
        model: to.model,
        parts: [],
      })
    } finally {
      if (sessions.turn(sessionID)?.phase.is === "replaying")
        sessions.patchTurn(turn, { phase: { is: "running" } })
    }
  }

  return {
    onRetry: async (sessionID, status) => {
      if (await deps.compaction.onFailure(sessionID, failureFromStatusText(status.message), true)) return
      const turn = ownTurn(sessionID)
      if (!turn) return
      const failure = failureFromStatusText(status.message, providerOf(turn.inUse))
      // OpenCode found it worth a retry and was told to wait long: whatever the words are, the model is away.
      const isLong = status.next - now() > longWaitMs
      await react(turn, isLong && failure.status === undefined ? { ...failure, status: 503 } : failure, true)
    },
    onError: async (sessionID, error) => {
      if (await deps.compaction.onFailure(sessionID, failureFromOpenCodeError(error), false)) return
      const turn = ownTurn(sessionID)
      if (!turn) return
      await react(turn, failureFromOpenCodeError(error, providerOf(turn.inUse)), false)
    },
  }
}
