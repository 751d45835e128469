import { modelRef } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { Core } from "../../../failover/assemble.ts"
import { failureInStream, failureOf, silenceFailure } from "../../../failover/read-failure.ts"
import type { Timeouts } from "../../../failover/timeouts.ts"
import type { Host } from "../../../host/host.ts"
import { createOwnFaults } from "../../../host/own-fault.ts"
import type { ChildAnswer } from "../../../tools/delegate-task.ts"
import { asWithoutUs, type Attempt, sendAttempt, type SettledAttempt } from "../../../transport/attempt.ts"
import { heldResponse } from "../../../transport/held-response.ts"
import { watchStepResponse } from "../../../transport/step-response.ts"
import { CutStreamError, type StreamFailure } from "../../../transport/stream-failure.ts"
import type { Shown } from "../../../transport/wire/wire-types.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { AskInChild, ChildQuestion } from "./ask-in-child.ts"
import { type Flight, type InFlight, takeFlight } from "./flight.ts"
import { wasAbortedByUser } from "./user-abort.ts"

export type BesideDeps = Pick<Core, "failover" | "sessions" | "now"> & {
  readonly host: Pick<Host, "log">
  readonly timeouts: Timeouts
  readonly askInChild: AskInChild
}

export type FailedAnswer = {
  readonly failure: Failure
  /** What OpenCode is to get where nothing else is done; without it, what came of the request. */
  readonly response?: Response
}

type Sent = Attempt & {
  /** How long its model may say nothing, milliseconds; 0 is for ever. */
  readonly firstTokenMs: number
}

/** What is given in the place of an answer; `undefined`: the answer itself. */
type Instead = Promise<Response | "repeat" | undefined>

type Ways = {
  /** From here on nobody else takes the answer over, and it is passed on. */
  readonly isEnough: (shown: Shown) => boolean
  /** Enough of it has come; after a silence that was waited out it may be told only when the rest breaks. */
  readonly onEnough?: (flight: Flight) => void
  /** Before the request is sent: its model may be known to be down. */
  readonly withoutAsking: (flight: Flight) => Promise<Response | undefined>
  /** @param repeats how often this very request was repeated; `undefined` when it cannot be */
  readonly afterFailure: (flight: Flight, failed: FailedAnswer, repeats: number | undefined) => Instead
}

/**
 * Requests beside the steps, whose empty end would be taken for the result: where one fails, somebody else's answer is
 * given in its place.
 */
export function createBesideTheSteps(deps: BesideDeps, ways: Ways): InFlight {
  const faults = createOwnFaults(deps.host)

  return async (request) => {
    const flight = faults.guard(() => takeFlight(deps, request))
    if (!flight || wasAbortedByUser(flight.signal)) return request.send(request.input, request.init)
    const unasked = await faults.guardAsync(() => ways.withoutAsking(flight))
    if (unasked) return unasked
    for (let repeats = 0; ; repeats += 1) {
      const answer = await ask(flight, repeats)
      if (answer !== "repeat") return answer
    }
  }

  /** Where nobody can take over from a silent model, waiting on is all that is left. */
  async function ask(flight: Flight, repeats: number): Promise<Response | "repeat"> {
    const { firstTokenMs } = deps.timeouts(flight.model)
    const sent = { ...sendAttempt(flight, firstTokenMs), firstTokenMs }
    const result = await sent.result
    if (result.type !== "silence") return settle(flight, result, sent, repeats)
    const failed = { failure: silenceFailure(firstTokenMs) }
    const answer = await instead(flight, failed, sent, undefined)
    return answer ?? settle(flight, await result.later, { ...sent, firstTokenMs: 0 }, repeats)
  }

  async function settle(
    flight: Flight,
    settled: SettledAttempt,
    sent: Sent,
    repeats: number,
  ): Promise<Response | "repeat"> {
    const failed = await faults.guardAsync(() => read(flight, settled, sent))
    if (failed instanceof Response) return failed
    const answer = failed && (await instead(flight, failed, sent, repeats))
    return answer ?? failed?.response ?? asWithoutUs(settled)
  }

  /** @returns the answer once enough of it has come, or what has failed before */
  async function read(flight: Flight, settled: SettledAttempt, sent: Sent): Promise<Response | FailedAnswer> {
    if (settled.type === "thrown" || !settled.response.ok)
      return { ...settled, failure: await failureOf(settled) }
    const { broken, response } = await hold(flight, settled.response, sent)
    if (broken) return { failure: failureInStream(broken), response }
    ways.onEnough?.(flight)
    return response
  }

  /** Nothing of it is lost. One that is empty or cut ends with an error: OpenCode would take half of it for the whole. */
  async function hold(
    flight: Flight,
    response: Response,
    { firstTokenMs, sentAt, abandon }: Sent,
  ): Promise<{ readonly response: Response; readonly broken?: StreamFailure | undefined }> {
    const { model, protocol } = flight
    const reader = protocol.open(modelRef(model).modelID)
    const isEnough = (): boolean => ways.isEnough(reader.shown)
    let broken: StreamFailure | undefined
    const { promise: isOver, resolve } = Promise.withResolvers<undefined>()
    const timeouts = { firstTokenMs, stallMs: 0, bytesMs: 0, sentAt }
    const watched = watchStepResponse(response, { reader, framing: protocol.framing }, timeouts, {
      onFailure: async (failure) => {
        if (isEnough()) ways.onEnough?.(flight)
        else broken = failure
        resolve(undefined)
        return failure.type === "empty" || failure.type === "cut" ? new CutStreamError() : "pass"
      },
      onFault: faults.log,
      abandon,
    })
    return { response: await heldResponse(watched, isEnough, faults.guard, isOver), broken }
  }

  async function instead(
    flight: Flight,
    failed: FailedAnswer,
    { abandon }: Sent,
    repeats: number | undefined,
  ): Instead {
    if (wasAbortedByUser(flight.signal)) return undefined
    const answer = await faults.guardAsync(() => ways.afterFailure(flight, failed, repeats))
    if (answer === undefined || wasAbortedByUser(flight.signal)) return undefined
    abandon()
    return answer
  }
}

/** Has a text answered in a child session, which is of another agent and of no category, but has the turn's chain. */
export function askForTurn(
  { askInChild, sessions, failover }: BesideDeps,
  turn: Turn,
  { signal }: Flight,
  question: Pick<ChildQuestion, "agent" | "on" | "text">,
): Promise<ChildAnswer> {
  const { sessionID } = turn
  const chain = failover.chain(turn).entries
  const onChild = (child: string): void =>
    sessions.patch(child, { parentID: sessionID, answersFor: sessionID, chain })
  return askInChild({ ...question, sessionID, signal, onChild })
}
