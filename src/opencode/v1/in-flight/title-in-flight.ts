import type { Decision } from "../../../core/decide.ts"
import { modelRef } from "../../../core/model-ref.ts"
import { switchReasonFor } from "../../../failover/next-move.ts"
import { textCompletion } from "../../../transport/wire/wire-protocol.ts"
import { beginTurn } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import { titleAgent } from "./ask-in-child.ts"
import { askForTurn, type BesideDeps, createBesideTheSteps } from "./beside-the-steps.ts"
import type { Flight, InFlight } from "./flight.ts"

type TitleInFlightDeps = BesideDeps & {
  /** What the user has written in this message; nothing where OpenCode does not give it out. */
  readonly promptText: (sessionID: string, messageID: string) => Promise<string>
  /** Whether the process is over with its turn, and whatever runs beside that with it. */
  readonly isBrief: boolean
}

/**
 * OpenCode chooses the model of a title before it asks any hook, asks it once, and leaves the session without a title
 * where it fails. A child session then asks the session's own model or its chain, and that answer is given in the failed
 * model's place; where there is none, the prompt itself, as `opencode run --title` does it.
 */
export function createTitleInFlight(deps: TitleInFlightDeps): InFlight {
  const { failover, sessions } = deps

  return createBesideTheSteps(deps, {
    // Nobody reads along: it is read to its end before it is passed on.
    isEnough: () => false,
    withoutAsking: async (flight) => {
      // A title proves nothing: the probe of one that may be well again is left to the next step.
      const reason = failover.whyUnasked(flight.model)
      const turn = turnOf(flight)
      if (!reason || !turn) return undefined
      return inItsPlace(flight, turn, await failover.successor(turn, switchReasonFor(reason)))
    },
    afterFailure: async (flight, { failure }) => {
      const turn = turnOf(flight)
      return turn && inItsPlace(flight, turn, await failover.judgeTitle(turn, failure))
    },
  })

  /** The request seen as a turn of the session's, of which the own model may take it over as well. */
  function turnOf({ sessionID, messageID, model }: Flight): Turn | undefined {
    const turn = sessions.turn(sessionID)
    if (!turn) return undefined
    const { agent, own } = turn
    const begun = beginTurn({ sessionID, messageID, agent, own })
    return { ...begun, inUse: { model, requests: 1 }, walksAnew: true }
  }

  async function inItsPlace(flight: Flight, turn: Turn, decision: Decision): Promise<Response | undefined> {
    if (decision.do !== "switch") return undefined
    const { sessionID, messageID, model, protocol } = flight
    const prompt = await deps.promptText(sessionID, messageID)
    if (prompt.trim() === "") return undefined
    const named = modelRef(model).modelID
    if (deps.isBrief) return textCompletion(protocol, named, prompt)
    // As OpenCode asks.
    const text = `Generate a title for this conversation:\n\n${prompt}`
    const on = { model: decision.to.model }
    const answer = await askForTurn(deps, turn, flight, { agent: titleAgent, on, text })
    return textCompletion(protocol, named, answer.type === "answered" ? answer.text : prompt)
  }
}
