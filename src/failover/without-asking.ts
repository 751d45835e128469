import { sameModel } from "../core/model-ref.ts"
import type { Turn } from "../turn/turn.ts"
import { type Flight, type InFlightDeps, markStep } from "./flight.ts"
import type { LeaveModel } from "./leave-model.ts"
import { boundedWait, replayOriginal } from "./original-failure.ts"
import { wasAbortedByUser } from "./user-abort.ts"

/** `end`: the turn goes on elsewhere; `answer`: OpenCode gets the failure that is still owed to it. */
export type WithoutAsking =
  | { readonly do: "ask" }
  | { readonly do: "end" }
  | { readonly do: "answer"; readonly response: () => Promise<Response> }

const ask: WithoutAsking = { do: "ask" }

/** What can be said before a request is sent: its model is known to be down, or a failure is still owed. */
export function createWithoutAsking(
  deps: InFlightDeps,
  { leave }: LeaveModel,
): (flight: Flight) => Promise<WithoutAsking> {
  const { failover, sessions, now } = deps

  return async (flight) => {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || wasAbortedByUser(flight.signal) || !sameModel(flight.model, turn.inUse)) return ask
    if (turn.phase.is === "exhausted") return owedFailure(flight, turn, turn.phase)
    if (turn.keepOwn && sameModel(flight.model, turn.own)) return ask
    const reason = failover.gate(flight.model)
    if (!reason) return ask
    const kind = "kind" in reason ? reason.kind : undefined
    const decision = await failover.successor(turn, kind)
    if (decision.do !== "switch") return ask
    return (await leave(flight, turn, decision, { kind, shown: "nothing" })) ? { do: "end" } : ask
  }

  /**
   * Once every model has failed, OpenCode gets the first failure of the user's own model. Until the first of
   * them is expected back the same holds for OpenCode's own retries: they cost no request.
   */
  function owedFailure(
    flight: Flight,
    turn: Turn,
    phase: Extract<Turn["phase"], { is: "exhausted" }>,
  ): WithoutAsking {
    const { original } = turn
    if (!original || !sameModel(flight.model, turn.own)) return ask
    const isAway = phase.backAt !== undefined && phase.backAt > now()
    if (phase.handedOver && !isAway) return ask
    sessions.patchTurn(turn, { phase: { ...phase, handedOver: true } })
    markStep(sessions, flight, "decided")
    return { do: "answer", response: async () => boundedWait(await replayOriginal(original), now()) }
  }
}
