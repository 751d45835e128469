import type { Decision } from "../core/decide.ts"
import { sameModel } from "../core/model-ref.ts"
import type { Failure } from "../core/verdict.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { Turn } from "../turn/turn.ts"
import type { Failover } from "./failover.ts"

export type JudgeTitle = (turn: Turn, failure: Failure) => Promise<Decision>

/**
 * Says who writes a title whose request has failed, and remembers that its model is down. Of its provider a title says
 * nothing, since a small model may just not be part of the plan, nor of the model that the turn itself is on, whose own
 * requests say more: a server that answers one request at a time refuses the title beside them.
 */
export function createJudgeTitle(deps: {
  readonly failover: Pick<Failover, "foresee" | "noteModelDown">
  readonly sessions: Pick<Sessions, "turn">
}): JudgeTitle {
  return async (turn, failure) => {
    const { verdict, decision } = await deps.failover.foresee(turn, failure, undefined)
    const taken = deps.sessions.turn(turn.sessionID)?.inUse.model
    const isOfTheTurn = taken !== undefined && sameModel(taken, turn.inUse.model)
    if (decision.do !== "pass" && !isOfTheTurn) deps.failover.noteModelDown(turn, verdict)
    return decision
  }
}
