import { modelRef, sameModel } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import { noteAnswer } from "../../../failover/note-answer.ts"
import { failureInStream, failureOf, silenceFailure } from "../../../failover/read-failure.ts"
import { isAskedAgain, refusalResponse, RefusedTurnError } from "../../../failover/refusal-text.ts"
import { createOwnFaults } from "../../../host/own-fault.ts"
import { asWithoutUs, type Attempt, sendAttempt, type SettledAttempt } from "../../../transport/attempt.ts"
import { watchStepResponse } from "../../../transport/step-response.ts"
import {
  CutStreamError,
  EmptyAnswerError,
  type StreamAnswer,
  type StreamFailure,
} from "../../../transport/stream-failure.ts"
import { isReplayable } from "../../../transport/wire/wire-request.ts"
import { noteTool } from "../../../turn/transitions.ts"
import {
  endedStep,
  type Flight,
  type InFlight,
  type InFlightDeps,
  noteStep,
  type StepRequest,
  takeFlight,
} from "./flight.ts"
import { createModelSwitch } from "./model-switch.ts"
import { SilentModelError } from "./original-failure.ts"
import { createResolveFailure, type Resolution } from "./resolve-failure.ts"
import { createWithoutAsking } from "./without-asking.ts"

/**
 * Failover inside the running turn. A failed request is answered with a well-formed empty completion, after the
 * turn's message has been lent to the next model; OpenCode's own loop then takes its next step there. Before the
 * last bytes of the answer that ends the turn are passed on, the message is given back.
 *
 * Whatever goes wrong in our own part is logged, and OpenCode gets what it would have got without us.
 */
export function createInFlight(deps: InFlightDeps): InFlight {
  const { failover, sessions } = deps
  const faults = createOwnFaults(deps.host)
  const modelSwitch = createModelSwitch(deps, faults)
  const resolveFailure = createResolveFailure(deps, modelSwitch)
  const withoutAsking = createWithoutAsking(deps, modelSwitch)

  return async (request) => {
    const flight = faults.guard(() => takeOver(request))
    if (!flight) return request.send(request.input, request.init)
    const unasked = await faults.guardAsync(() => withoutAsking(flight))
    return unasked ? asWithoutUs(unasked) : ask(flight)
  }

  function takeOver(request: StepRequest): Flight | undefined {
    const flight = sessions.turn(request.sessionID) && takeFlight(deps, request)
    if (flight) noteStep(sessions, flight, "in-flight")
    return flight
  }

  async function ask(flight: Flight): Promise<Response> {
    faults.guard(() => noteRead(flight))
    for (let repeats = 0; ; repeats += 1) {
      const attempt = sendAttempt(flight, deps.timeouts(flight.model).firstTokenMs)
      const settled = await awaitHeaders(flight, attempt)
      if (settled instanceof Response) return settled
      const answer = await faults.guardAsync(() => settle(flight, settled, attempt, repeats))
      if (answer instanceof Response) return answer
      if (answer === undefined) return asWithoutUs(settled)
      if (answer.do === "hand-over") return answer.rewrite(await asWithoutUs(settled))
      attempt.abandon()
      if (answer.do !== "repeat") return leave(flight, answer)
    }
  }

  function noteRead(flight: Flight): void {
    const { sessionID, messageID, model, signal } = flight
    const turn = sessions.turn(sessionID)
    const isOurs = turn?.messageID === messageID && sameModel(turn.inUse.model, model)
    if (isOurs && signal?.aborted !== true) deps.loopReads.hasRead(turn, flight)
  }

  /**
   * Without a list waiting on is all that is left, as OpenCode would have done. With one that is used up OpenCode asks
   * again, as over any other failure: by then somebody may be well, and in the end it gives up.
   */
  async function awaitHeaders(flight: Flight, attempt: Attempt): Promise<SettledAttempt | Response> {
    const result = await attempt.result
    if (result.type !== "silence") return result
    const failed = silenceFailure(deps.timeouts(flight.model).firstTokenMs)
    const answer = await faults.guardAsync(() => resolveFailure(flight, failed, undefined, "nothing"))
    if (answer === undefined || answer.do === "repeat") return result.later
    if (answer.do === "hand-over" && !answer.mustAskAgain) return result.later
    attempt.abandon()
    if (answer.do !== "hand-over") return leave(flight, answer)
    throw new SilentModelError(failed.message)
  }

  async function settle(
    flight: Flight,
    settled: SettledAttempt,
    attempt: Attempt,
    repeats: number,
  ): Promise<Response | Resolution> {
    if (settled.type === "response" && settled.response.ok) return watch(flight, settled.response, attempt)
    const failed = await failureOf(settled)
    const canRepeat = isReplayable(flight.input, flight.init)
    return resolveFailure(flight, failed, canRepeat ? repeats : undefined, "nothing")
  }

  function watch(flight: Flight, response: Response, attempt: Attempt): Response {
    noteStep(sessions, flight, "answered")
    const reader = flight.protocol.open(modelRef(flight.model).modelID)
    const timeouts = { ...deps.timeouts(flight.model), sentAt: attempt.sentAt }
    return watchStepResponse(response, { reader, framing: flight.protocol.framing }, timeouts, {
      abandon: () => {
        faults.guard(() => failover.endProbe(flight))
        attempt.abandon()
      },
      onFault: (error) => {
        faults.log(error)
        faults.guard(() => failover.endProbe(flight))
      },
      onFinished: () => faults.guard(() => noteAnswer(deps, flight, flight.startedAt)),
      beforeEnd: async (end) => {
        await faults.guardAsync(() => (end === "goes-on" ? goOn(flight) : giveBack(flight)))
      },
      onFailure: async (broken, shown) => {
        const failed = failureInStream(broken)
        if (broken.type === "empty") return onEmpty(flight, failed)
        const answer = await faults.guardAsync(() => resolveFailure(flight, failed, undefined, shown))
        return answer ? streamAnswer(flight, answer, broken) : shown === "tool" ? "end" : "pass"
      },
    })
  }

  /**
   * An answer with nothing in it ends a turn in which a tool has run as well as any other. Elsewhere the model is
   * asked once more, in a further step of the loop, before another one is.
   */
  async function onEmpty(flight: Flight, failed: Failure): Promise<StreamAnswer> {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || turn.hasRunTool) return "pass"
    const repeats = Math.max(0, turn.inUse.requests - 1)
    const answer = await faults.guardAsync(() => resolveFailure(flight, failed, repeats, "nothing"))
    if (answer?.do === "repeat") {
      await faults.guardAsync(() => deps.loopReads.willRead(turn))
      return "end"
    }
    if (answer?.do === "hand-over" && answer.mustAskAgain) return new EmptyAnswerError()
    return answer ? streamAnswer(flight, answer, { type: "empty" }) : "pass"
  }

  async function goOn(flight: Flight): Promise<void> {
    const turn = sessions.turn(flight.sessionID)
    if (turn) sessions.change(turn, "noteTool", noteTool)
    if (flight.isStructured) await giveBackMessage(flight)
    else if (turn) await deps.loopReads.willRead(turn)
  }

  /**
   * The answer that ends the turn is about to be over: from here on the message is the user's again. A prompt that was
   * queued meanwhile is what the loop goes on with; for one that comes later nothing is read any more before it begins.
   */
  async function giveBack(flight: Flight): Promise<void> {
    const { sessionID, messageID } = flight
    const isDone = await giveBackMessage(flight)
    const turn = sessions.turn(sessionID)
    if (turn && turn.messageID !== messageID) return deps.loopReads.willRead(turn)
    deps.loopReads.forget(sessionID)
    if (isDone) deps.ownChoice.giveBack(sessionID)
  }

  function giveBackMessage({ sessionID, messageID, signal }: Flight): Promise<boolean> {
    return deps.host.giveBack(sessionID, { upTo: messageID, isBusy: signal?.aborted !== true })
  }
}

function streamAnswer(flight: Flight, answer: Resolution, broken: StreamFailure): StreamAnswer {
  if (answer.do === "end") return "end"
  if (answer.do === "refuse") return new RefusedTurnError(answer.text)
  if (answer.do !== "hand-over" || !answer.mustAskAgain) return "pass"
  if (broken.type === "silence") return new SilentModelError(silenceFailure(broken.afterMs).message)
  if (broken.type !== "frame") return "break"
  if (!isAskedAgain(broken.text)) return new CutStreamError()
  return flight.protocol.hidesErrors ? new Error(broken.text) : "break"
}

/** The step's answer where no provider is asked any more. */
function leave(flight: Flight, answer: Extract<Resolution, { do: "end" | "refuse" }>): Response {
  return answer.do === "end" ? endedStep(flight) : refusalResponse(answer.text)
}
