import { triedMayRecover } from "../../../core/may-recover.ts"
import { sameModel } from "../../../core/model-ref.ts"
import type { Core } from "../../../failover/assemble.ts"
import { refusalResponse } from "../../../failover/refusal-text.ts"
import type { SettledAttempt } from "../../../transport/attempt.ts"
import { giveOriginal } from "../../../turn/transitions.ts"
import { owesOriginal, refusalOf } from "../../../turn/turn-predicates.ts"
import type { Turn } from "../../../turn/turn.ts"
import { endedStep, type Flight, type InFlightDeps } from "./flight.ts"
import type { ModelSwitch } from "./model-switch.ts"
import { failedAgain } from "./original-failure.ts"
import { wasAbortedByUser } from "./user-abort.ts"

/** What can be said before a request is sent: its model is known to be down, or a failure is still owed. */
export function createWithoutAsking(deps: InFlightDeps, { lend, switchTo }: ModelSwitch) {
  const { nextMove, sessions, now } = deps

  /** @returns `undefined`: the model is to be asked */
  return async (flight: Flight): Promise<SettledAttempt | undefined> => {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || wasAbortedByUser(flight.signal)) return undefined
    const refusal = refusalOf(turn)
    if (refusal !== undefined) return answered(refusalResponse(refusal))
    if (!sameModel(flight.model, turn.inUse.model)) {
      // A model that the turn has left: see `isOverwritten`.
      const isStale = turn.messageID === flight.messageID && (turn.overwritten ?? 0) > 0
      return isStale && (await lend(flight, turn, turn.inUse)) === "lent"
        ? answered(endedStep(flight))
        : undefined
    }
    if (owesOriginal(turn)) return owedFailure(turn)
    const next = await nextMove.withoutAsking(turn)
    if (next) return (await switchTo(flight, turn, next)) ? answered(endedStep(flight)) : undefined
    return stillFailing(deps, turn)
  }

  /** Once every model has failed, OpenCode gets the first failure of the user's own model, and asks again. */
  function owedFailure(turn: Turn): SettledAttempt | undefined {
    const { original } = turn
    if (!original) return undefined
    sessions.change(turn, "giveOriginal", giveOriginal)
    return failedAgain(original.failure, now())
  }
}

/** OpenCode's own retries are for whoever may be well: one that has said that it is not need not say so again. */
export function stillFailing(
  { failover, now }: Pick<Core, "failover" | "now">,
  { phase, inUse, original, keepsOwn }: Turn,
): SettledAttempt | undefined {
  if (phase.is !== "exhausted" || phase.gives !== "failure" || keepsOwn) return undefined
  if (original?.model !== inUse.model) return undefined
  const isOver = !failover.isDown(inUse.model) || triedMayRecover(original, now())
  return isOver ? undefined : failedAgain(original.failure, now())
}

function answered(response: Response): SettledAttempt {
  return { type: "response", response }
}
