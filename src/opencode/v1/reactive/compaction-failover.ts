import type { Failure } from "../../../core/verdict.ts"
import type { Core } from "../../../failover/assemble.ts"
import type { Compaction } from "../../../turn/sessions.ts"
import { comeBack, switchTo, type Transition } from "../../../turn/transitions.ts"
import { isUntaken } from "../../../turn/turn-predicates.ts"
import type { TurnHost } from "../host/turn-host.ts"
import type { IdleSignal } from "./idle-signal.ts"
import { asksAgain, endRun, idlesAfterError, isLongPause } from "./replay-turn.ts"

type CompactionDeps = Pick<Core, "failover" | "nextMove" | "sessions" | "notices" | "now"> & {
  readonly host: Pick<TurnHost, "abort" | "summarize" | "log">
  readonly idle: IdleSignal
}

export type CompactionFailover = ReturnType<typeof createCompactionFailover>

/**
 * Repeats a compaction that failed where it could not be met in flight on the next model of the chain. It cannot be
 * ended empty: OpenCode would take that for the summary, and the session would forget everything. Where nobody is left
 * and OpenCode would wait for hours, it is repeated as well, and its request refused with the reason.
 */
export function createCompactionFailover(deps: CompactionDeps) {
  const { failover, sessions, host, notices, now } = deps

  return {
    /**
     * A session that compacts has met a failure.
     *
     * @param pauseMs how long OpenCode waits before it asks the same model again; `undefined`: it has given up
     */
    onFailure: async (sessionID: string, failure: Failure, pauseMs: number | undefined): Promise<void> => {
      const { compaction } = sessions.get(sessionID)
      if (!compaction || compaction.repeating || !failover.enabled(sessionID)) return
      // Before anything is awaited: after an error the session is idle within the same millisecond.
      const ending = pauseMs === undefined ? deps.idle.settled(sessionID, idlesAfterError) : undefined
      sessions.patchCompaction(sessionID, { repeating: true })
      try {
        const isRepeated =
          !isForInFlight(compaction, pauseMs) &&
          (await repeatWhereNeeded(sessionID, compaction, { failure, pauseMs, ending }))
        if (!isRepeated) await leaveToOpenCode(sessionID, ending)
      } catch (error) {
        sessions.endCompaction(sessionID)
        throw error
      }
    },
  }

  /** @returns whether it was started again, on the next model or to be refused; or is over */
  async function repeatWhereNeeded(
    sessionID: string,
    compaction: Compaction,
    { failure, pauseMs, ending }: FailedCompaction,
  ): Promise<boolean> {
    const startedAt = now()
    const { turn } = compaction
    const next = await deps.nextMove.afterFailure(turn, { failure, asksAgain: asksAgain(pauseMs) })
    // The user has ended it meanwhile.
    if (!ending && !deps.idle.isAtWork(sessionID)) {
      sessions.endCompaction(sessionID)
      return true
    }
    if (next.do === "giveUp") void notices.exhausted(turn, next)
    if (next.do === "switch") {
      await (ending ?? endRun(deps, sessionID))
      void notices.switched(turn, { ...next, durationMs: now() - startedAt })
      await repeat(sessionID, compaction, switchTo({ model: next.to.model }, next.why))
      return true
    }
    if (next.do !== "giveUp" || next.refusal === undefined || ending) return false
    await endRun(deps, sessionID)
    sessions.patchCompaction(sessionID, { refusal: next.refusal })
    await repeat(sessionID, compaction, comeBack)
    return true
  }

  async function leaveToOpenCode(sessionID: string, ending: FailedCompaction["ending"]): Promise<void> {
    if (!ending) return sessions.patchCompaction(sessionID, { repeating: false })
    // The same error is told twice.
    await ending
    sessions.endCompaction(sessionID)
  }

  function repeat(sessionID: string, before: Compaction, change: Transition): Promise<void> {
    const turn = change(before.turn) ?? before.turn
    const prompted = sessions.turn(sessionID)
    // A prompt that has joined the failed run stands before the new compaction, and nobody else would answer it.
    const goesOn = before.isAutomatic || (prompted !== undefined && isUntaken(prompted))
    sessions.patchCompaction(sessionID, { turn, repeating: false })
    return host.summarize(sessionID, turn.inUse.model, goesOn)
  }
}

/** Its failure is decided already, or its next request, which comes soon, is caught again. */
function isForInFlight({ turn, refusal }: Compaction, pauseMs: number | undefined): boolean {
  const { step } = turn.inUse
  if (step === "decided" || refusal !== undefined) return true
  return step !== undefined && pauseMs !== undefined && !isLongPause(pauseMs)
}

type FailedCompaction = {
  readonly failure: Failure
  readonly pauseMs: number | undefined
  /** Of the failed run; without it OpenCode goes on asking. */
  readonly ending: Promise<unknown> | undefined
}
