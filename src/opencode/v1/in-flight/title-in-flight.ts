import { type ModelKey, modelRef, providerOf } from "../../../core/model-ref.ts"
import type { Core } from "../../../failover/assemble.ts"
import { failureOf } from "../../../failover/read-failure.ts"
import type { Host } from "../../../host/host.ts"
import { createOwnFaults } from "../../../host/own-fault.ts"
import { asWithoutUs, sendAttempt, type SettledAttempt } from "../../../transport/attempt.ts"
import { callerSignal } from "../../../transport/fetch-arguments.ts"
import { monotonicNow } from "../../../transport/silence-clock.ts"
import { textCompletion } from "../../../transport/wire/wire-protocol.ts"
import { readWireRequest } from "../../../transport/wire/wire-request.ts"
import { beginTurn } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import { type AskInChild, titleAgent } from "./ask-in-child.ts"
import type { StepRequest } from "./in-flight.ts"
import { wasAbortedByUser } from "./user-abort.ts"

type TitleInFlightDeps = Pick<Core, "failover" | "nextMove" | "sessions"> & {
  readonly host: Pick<Host, "log">
  readonly askInChild: AskInChild
  /** What the user has written in this message; nothing where OpenCode does not give it out. */
  readonly promptText: (sessionID: string, messageID: string) => Promise<string>
  /** Whether the process is over with its turn, and whatever runs beside that with it. */
  readonly isBrief: boolean
}

/**
 * OpenCode chooses the model of a title before it asks any hook, asks it once, and leaves the session without a title
 * where it fails. A child session then asks the session's own model or its chain, and that answer is given in the failed
 * model's place; where there is none, the prompt itself, as `opencode run --title` does it. What becomes of a title says
 * nothing of a model's health: the small one may just not be part of the plan.
 */
export function createTitleInFlight(deps: TitleInFlightDeps): (request: StepRequest) => Promise<Response> {
  const { failover, nextMove, sessions } = deps
  const faults = createOwnFaults(deps.host)

  return async (request) => {
    const unasked = await faults.guardAsync(() => withoutAsking(request))
    if (unasked) return unasked
    const { result, abandon } = sendAttempt(request, 0, monotonicNow)
    const settled = await result
    if (settled.type === "silence") return asWithoutUs(await settled.later)
    const answer = await faults.guardAsync(() => afterFailure(request, settled))
    if (!answer) return asWithoutUs(settled)
    abandon()
    return answer
  }

  /** A model that is known to be down. */
  async function withoutAsking(request: StepRequest): Promise<Response | undefined> {
    const turn = turnOf(request)
    const next = turn && (await nextMove.withoutAsking(turn))
    // The probe that a title would be is not needed; one that somebody else makes is not the title's to end.
    if (!next) failover.endProbe(request)
    return next && inItsPlace(request, turn, next.move.to.model)
  }

  async function afterFailure(request: StepRequest, settled: SettledAttempt): Promise<Response | undefined> {
    const turn = turnOf(request)
    if (!turn || (settled.type === "response" && settled.response.ok)) return undefined
    const failure = await failureOf(settled, providerOf(request.model))
    const { decision } = await failover.foresee(turn, failure, undefined)
    return decision.do === "switch" ? inItsPlace(request, turn, decision.to.model) : undefined
  }

  /** The request seen as a turn of the session's, of which the own model may take it over as well. */
  function turnOf({ sessionID, messageID, model, input, init }: StepRequest): Turn | undefined {
    const turn = sessions.turn(sessionID)
    if (!turn || !failover.enabled(sessionID) || wasAbortedByUser(callerSignal(input, init))) return undefined
    const { agent, own } = turn
    const begun = beginTurn({ sessionID, messageID, agent, own })
    return { ...begun, inUse: { model, requests: 1 }, walksAnew: true }
  }

  async function inItsPlace(request: StepRequest, turn: Turn, on: ModelKey): Promise<Response | undefined> {
    const { sessionID, messageID, model, input, init } = request
    const protocol = readWireRequest(input, init)
    const prompt = await deps.promptText(sessionID, messageID)
    if (!protocol || prompt.trim() === "") return undefined
    const named = modelRef(model).modelID
    if (deps.isBrief) return textCompletion(protocol, named, prompt)
    const answer = await deps.askInChild({
      sessionID,
      agent: titleAgent,
      on: { model: on },
      // As OpenCode asks.
      text: `Generate a title for this conversation:\n\n${prompt}`,
      signal: callerSignal(input, init),
      onChild: (child) => sessions.patch(child, { parentID: sessionID, chain: failover.chain(turn).entries }),
    })
    return textCompletion(protocol, named, answer.type === "answered" ? answer.text : prompt)
  }
}
