import { sameModel } from "../../../core/model-ref.ts"
import { giveOriginal } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { Flight, InFlightDeps } from "./flight.ts"
import type { ModelSwitch } from "./model-switch.ts"
import { boundedWait, failureResponse } from "./original-failure.ts"
import { wasAbortedByUser } from "./user-abort.ts"

/** `end`: the turn goes on elsewhere; `answer`: OpenCode gets the failure that is still owed to it. */
type WithoutAsking =
  | { readonly do: "ask" }
  | { readonly do: "end" }
  | { readonly do: "refuse"; readonly text: string }
  | { readonly do: "answer"; readonly response: Response }

const ask: WithoutAsking = { do: "ask" }

/** What can be said before a request is sent: its model is known to be down, or a failure is still owed. */
export function createWithoutAsking(
  deps: InFlightDeps,
  { switchTo }: ModelSwitch,
): (flight: Flight) => Promise<WithoutAsking> {
  const { nextMove, sessions, now } = deps

  return async (flight) => {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || wasAbortedByUser(flight.signal)) return ask
    const { phase } = turn
    if (phase.is === "exhausted" && phase.refusal !== undefined) return { do: "refuse", text: phase.refusal }
    if (!sameModel(flight.model, turn.inUse.model))
      return (await lendAgain(flight, turn)) ? { do: "end" } : ask
    if (phase.is === "exhausted" && phase.owesOriginal) return owedFailure(turn)
    const next = await nextMove.withoutAsking(turn)
    return next && (await switchTo(flight, turn, next)) ? { do: "end" } : ask
  }

  /** The step is on the own model although the turn has left it: see `isOverwritten`. */
  async function lendAgain(flight: Flight, turn: Turn): Promise<boolean> {
    const isStale = turn.messageID === flight.messageID && sameModel(flight.model, turn.own.model)
    if (!isStale || !turn.overwritten) return false
    const isLent = await deps.host.lend(turn, turn.inUse).then(
      () => true,
      () => false,
    )
    if (!isLent || !wasAbortedByUser(flight.signal)) return isLent
    // Esc came meanwhile, and the session may be at rest already.
    await deps.host.giveBack(turn.sessionID)
    return false
  }

  /** Once every model has failed, OpenCode gets the first failure of the user's own model, and asks again. */
  function owedFailure(turn: Turn): WithoutAsking {
    const { original } = turn
    if (!original) return ask
    sessions.change(turn, "giveOriginal", giveOriginal)
    return { do: "answer", response: boundedWait(failureResponse(original), now()) }
  }
}
