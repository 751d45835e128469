import { type ModelKey, providerOf } from "../core/model-ref.ts"
import type { Failure, FailureKind } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Notices } from "../notify/notices.ts"
import type { IdleSignal } from "../turn/idle-signal.ts"
import type { Compaction, Sessions } from "../turn/sessions.ts"
import type { Turn } from "../turn/turn.ts"
import { type Failover, turnAfterSwitch } from "./failover.ts"
import { idlesAfterAbort, idlesAfterError } from "./replay-turn.ts"

export type CompactionDeps = {
  readonly failover: Failover
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
      const startedAt = now()
      // Before anything is awaited: after an error the session is idle within the same millisecond.
      const alreadyEnding = isBusy ? undefined : deps.idle.settled(sessionID, idlesAfterError)
      sessions.patch(sessionID, { compaction: { ...compaction, repeating: true } })
      const { turn } = compaction
      const named = { ...failure, provider: providerOf(turn.inUse) }
      const { verdict, decision } = await failover.judge(turn, named, undefined)
      if (decision.do === "exhausted") notices.exhausted(turn, verdict.kind, decision, undefined)
      if (decision.do !== "switch") {
        sessions.patch(sessionID, { compaction: { ...compaction, repeating: false } })
        return
      }
      try {
        await (alreadyEnding ?? endRun(sessionID))
        notices.switched(turn, decision.to.model, verdict.kind, decision.skipped, now() - startedAt)
        await repeat(sessionID, compaction, decision.to.model, verdict.kind)
      } catch (error) {
        sessions.endCompaction(sessionID)
        throw error
      }
    },
  }

  async function endRun(sessionID: string): Promise<void> {
    const end = deps.idle.settled(sessionID, idlesAfterAbort)
    await host.abort(sessionID)
    await end
  }

  function repeat(sessionID: string, before: Compaction, model: ModelKey, kind: FailureKind): Promise<void> {
    const turn: Turn = { ...before.turn, ...turnAfterSwitch(before.turn, model, kind) }
    sessions.patch(sessionID, { compaction: { ...before, turn, repeating: false } })
    return host.summarize(sessionID, model, before.isAutomatic)
  }
}
