import { type ModelKey, modelRef, providerOf } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { Core } from "../../../failover/assemble.ts"
import { createJudgeTitle } from "../../../failover/judge-title.ts"
import { switchReasonFor } from "../../../failover/next-move.ts"
import { failureInStream, failureOf, silenceFailure } from "../../../failover/read-failure.ts"
import type { Timeouts } from "../../../failover/timeouts.ts"
import type { Host } from "../../../host/host.ts"
import { createOwnFaults } from "../../../host/own-fault.ts"
import { asWithoutUs, sendAttempt, type SettledAttempt } from "../../../transport/attempt.ts"
import { callerSignal } from "../../../transport/fetch-arguments.ts"
import { textCompletion } from "../../../transport/wire/wire-protocol.ts"
import { readWireRequest } from "../../../transport/wire/wire-request.ts"
import { beginTurn } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import { type AskInChild, titleAgent } from "./ask-in-child.ts"
import { holdAnswer, type Sent } from "./hold-answer.ts"
import type { StepRequest } from "./in-flight.ts"
import { wasAbortedByUser } from "./user-abort.ts"

type TitleInFlightDeps = Pick<Core, "failover" | "sessions"> & {
  readonly timeouts: (model: ModelKey) => Timeouts
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
 * model's place; where there is none, the prompt itself, as `opencode run --title` does it.
 */
export function createTitleInFlight(deps: TitleInFlightDeps): (request: StepRequest) => Promise<Response> {
  const { failover, sessions } = deps
  const judgeTitle = createJudgeTitle(deps)
  const faults = createOwnFaults(deps.host)

  return async (request) => {
    const unasked = await faults.guardAsync(() => withoutAsking(request))
    if (unasked) return unasked
    const { firstTokenMs } = deps.timeouts(request.model)
    const sent = { ...sendAttempt(request, firstTokenMs), firstTokenMs }
    const result = await sent.result
    if (result.type !== "silence") return settle(request, result, sent)
    const answer = await instead(request, silenceFailure(firstTokenMs, providerOf(request.model)), sent)
    return answer ?? settle(request, await result.later, { ...sent, firstTokenMs: 0 })
  }

  async function settle(request: StepRequest, settled: SettledAttempt, sent: Sent): Promise<Response> {
    const { failure, response } = (await faults.guardAsync(() => readTitle(request, settled, sent))) ?? {}
    const answer = failure && (await instead(request, failure, sent))
    return answer ?? response ?? asWithoutUs(settled)
  }

  /** Nobody reads along: it is read to its end before it is passed on. */
  async function readTitle(
    { model, input, init }: StepRequest,
    settled: SettledAttempt,
    sent: Sent,
  ): Promise<{ readonly failure?: Failure; readonly response?: Response }> {
    const provider = providerOf(model)
    if (settled.type === "thrown" || !settled.response.ok)
      return { failure: await failureOf(settled, provider) }
    const protocol = readWireRequest(input, init)
    if (!protocol) return {}
    const toItsEnd = { isEnough: () => false, onFault: faults.log }
    const { response, broken } = await holdAnswer(settled.response, { model, protocol }, sent, toItsEnd)
    return { response, ...(broken && { failure: failureInStream(broken, provider) }) }
  }

  /** @returns what is given in the failed title's place */
  async function instead(
    request: StepRequest,
    failure: Failure,
    { abandon }: Sent,
  ): Promise<Response | undefined> {
    const answer = await faults.guardAsync(async () => {
      const turn = turnOf(request)
      if (!turn) return undefined
      const decision = await judgeTitle(turn, failure)
      return decision.do === "switch" ? inItsPlace(request, turn, decision.to.model) : undefined
    })
    if (answer) abandon()
    return answer
  }

  /** A model that is known to be down. */
  async function withoutAsking(request: StepRequest): Promise<Response | undefined> {
    const turn = turnOf(request)
    // A title proves nothing: the probe of one that may be well again is left to the next step.
    const reason = failover.whyUnasked(request.model)
    if (!turn || !reason) return undefined
    const decision = await failover.successor(turn, switchReasonFor(reason))
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
