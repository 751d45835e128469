import { providerOf } from "../core/model-ref.ts"
import type { Failure } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Notices } from "../notify/notices.ts"
import type { IdleSignal } from "../turn/idle-signal.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { Turn } from "../turn/turn.ts"
import { type Failover, turnAfterSwitch } from "./failover.ts"

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
  /** @returns whether the session is compacting, so that the failure is dealt with here */
  readonly onFailure: (sessionID: string, failure: Failure, isBusy: boolean) => Promise<boolean>
}

export function createCompactionFailover(deps: CompactionDeps): CompactionFailover {
  const { failover, sessions, host, notices, now } = deps

  return {
    onFailure: async (sessionID, failure, isBusy) => {
      const { compaction } = sessions.get(sessionID)
      if (!compaction) return false
      if (compaction.repeating || !failover.enabled(sessionID)) return true
      const startedAt = now()
      // Before anything is awaited: after an error the session is idle within the same millisecond.
      const alreadyEnding = isBusy ? undefined : deps.idle.next(sessionID)
      sessions.patch(sessionID, { compaction: { ...compaction, repeating: true } })
      const { turn } = compaction
      const { verdict, decision } = await failover.judge(
        turn,
        {
          ...failure,
          provider: providerOf(turn.inUse),
        },
        undefined,
      )
      if (decision.do === "exhausted") notices.exhausted(turn, verdict.kind, decision, undefined)
      if (decision.do !== "switch") {
        sessions.patch(sessionID, { compaction: { ...compaction, repeating: false } })
        return true
      }
      const { model } = decision.to
      const next: Turn = { ...turn, ...turnAfterSwitch(turn, model, verdict.kind) }
      try {
        const idle = alreadyEnding ?? deps.idle.next(sessionID)
        if (isBusy) await host.abort(sessionID)
        await idle
        notices.switched(turn, model, verdict.kind, decision.skipped, now() - startedAt)
        sessions.patch(sessionID, { compaction: { ...compaction, turn: next, repeating: false } })
        await host.summarize(sessionID, model, compaction.isAutomatic)
      } catch (error) {
        sessions.endCompaction(sessionID)
        throw error
      }
      return true
    },
  }
}
