import { providerOf } from "../core/model-ref.ts"
import type { Failure } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Notices } from "../notify/notices.ts"
import type { IdleSignal } from "../turn/idle-signal.ts"
import type { Compaction, Sessions } from "../turn/sessions.ts"
import { leaveFor } from "../turn/transitions.ts"
import type { Failover } from "./failover.ts"
import type { DecideNextMove, Move } from "./next-move.ts"
import { endRun, idlesAfterError } from "./replay-turn.ts"

export type CompactionDeps = {
  readonly failover: Failover
  readonly nextMove: DecideNextMove
  readonly sessions: Sessions
  readonly host: Pick<Host, "abort" | "summarize" | "log">
  readonly notices: Notices
  readonly idle: IdleSignal
  readonly now: () => number
}

/**
 * Repeats a failed compaction on the next model of the chain. A compaction cannot be ended in flight: OpenCode
 * would take an empty answer for the summary, and the session would forget everything.
 */
export type CompactionFailover = {
  /**
   * A session that compacts has met a failure.
   *
   * @param isBusy whether OpenCode waits to ask the same model again, instead of having given up
   */
  readonly onFailure: (sessionID: string, failure: Failure, isBusy: boolean) => Promise<void>
}

export function createCompactionFailover(deps: CompactionDeps): CompactionFailover {
  const { failover, sessions, host, notices, now } = deps

  return {
    onFailure: async (sessionID, failure, isBusy) => {
      const { compaction } = sessions.get(sessionID)
      if (!compaction || compaction.repeating || !failover.enabled(sessionID)) return
      // Before anything is awaited: after an error the session is idle within the same millisecond.
      const ending = isBusy ? undefined : deps.idle.settled(sessionID, idlesAfterError)
      sessions.patch(sessionID, { compaction: { ...compaction, repeating: true } })
      try {
        await repeatOrLeave(sessionID, compaction, failure, ending)
      } catch (error) {
        sessions.endCompaction(sessionID)
        throw error
      }
    },
  }

  /** @param ending of the failed run; without it OpenCode goes on asking */
  async function repeatOrLeave(
    sessionID: string,
    compaction: Compaction,
    failure: Failure,
    ending: Promise<unknown> | undefined,
  ): Promise<void> {
    const startedAt = now()
    const { turn } = compaction
    const named = { ...failure, provider: providerOf(turn.inUse.model) }
    const { move, verdict } = await deps.nextMove.afterFailure(turn, { failure: named })
    if (move.do === "giveUp") void notices.exhausted(turn, { why: verdict, decision: move.decision })
    if (move.do === "leave") {
      await (ending ?? endRun(deps, sessionID))
      const { to, skipped, why } = move
      void notices.switched(turn, { to: to.model, why, skipped, durationMs: now() - startedAt })
      return repeat(sessionID, compaction, move)
    }
    if (!ending) return sessions.patch(sessionID, { compaction: { ...compaction, repeating: false } })
    // The same error is told twice.
    await ending
    sessions.endCompaction(sessionID)
  }

  function repeat(
    sessionID: string,
    before: Compaction,
    { to, why }: Extract<Move, { do: "leave" }>,
  ): Promise<void> {
    const turn = leaveFor({ model: to.model }, why)(before.turn) ?? before.turn
    sessions.patch(sessionID, { compaction: { ...before, turn, repeating: false } })
    return host.summarize(sessionID, to.model, before.isAutomatic)
  }
}
