import { type ModelKey, modelRef, providerOf } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { Core } from "../../../failover/assemble.ts"
import type { Move, NextMove } from "../../../failover/next-move.ts"
import { failureInStream, failureOf, silenceFailure } from "../../../failover/read-failure.ts"
import { refusalResponse } from "../../../failover/refusal-text.ts"
import type { Timeouts } from "../../../failover/timeouts.ts"
import type { Host } from "../../../host/host.ts"
import { createOwnFaults } from "../../../host/own-fault.ts"
import { asWithoutUs, sendAttempt, type SettledAttempt } from "../../../transport/attempt.ts"
import { callerSignal } from "../../../transport/fetch-arguments.ts"
import { textCompletion } from "../../../transport/wire/wire-protocol.ts"
import { readWireRequest } from "../../../transport/wire/wire-request.ts"
import type { WireProtocol } from "../../../transport/wire/wire-types.ts"
import { markStep, type Transition } from "../../../turn/transitions.ts"
import type { StepState, Turn } from "../../../turn/turn.ts"
import { type AskInChild, compactionAgent } from "./ask-in-child.ts"
import { compactionPrompt } from "./compaction-prompt.ts"
import { holdAnswer, type Sent } from "./hold-answer.ts"
import type { StepRequest } from "./in-flight.ts"
import { boundedWait } from "./original-failure.ts"
import { wasAbortedByUser } from "./user-abort.ts"

type CompactionInFlightDeps = Pick<Core, "failover" | "nextMove" | "sessions" | "notices" | "now"> & {
  readonly host: Pick<Host, "log">
  readonly askInChild: AskInChild
  readonly timeouts: (model: ModelKey) => Timeouts
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/**
 * A compaction keeps its model, and whatever ends it ends the turn: `opencode run` and a parent agent would get
 * nothing. So where its request fails before a word of it, a child session has the same text answered by the chain, and
 * that answer is given in the failed model's place. What fails later is `reactive/compaction-failover.ts`'s.
 */
export function createCompactionInFlight(
  deps: CompactionInFlightDeps,
): (request: StepRequest) => Promise<Response> {
  const { nextMove, sessions, notices } = deps
  const faults = createOwnFaults(deps.host)

  return async (request) => {
    if (faults.guard(() => deps.failover.enabled(request.sessionID)) !== true)
      return request.send(request.input, request.init)
    const unasked = await faults.guardAsync(() => withoutAsking(request))
    if (unasked) return unasked
    for (let repeats = 0; ; repeats += 1) {
      mark(request, "in-flight")
      const { firstTokenMs } = deps.timeouts(request.model)
      const sent = { ...sendAttempt(request, firstTokenMs), firstTokenMs }
      const answer = await answerOf(request, sent, repeats)
      if (answer !== "repeat") return answer
    }
  }

  /** A model that is known to be down. */
  async function withoutAsking(request: StepRequest): Promise<Response | undefined> {
    const asked = askedFor(request)
    if (!asked) return undefined
    const next = await nextMove.withoutAsking(asked.turn)
    deps.failover.endProbe(request)
    return next && fromChild(request, asked)
  }

  /** Where nobody can take over from a silent model, waiting on is all that is left. */
  async function answerOf(request: StepRequest, sent: Sent, repeats: number): Promise<Response | "repeat"> {
    const settled = await sent.result
    if (settled.type === "silence") {
      const failed = { failure: silenceFailure(sent.firstTokenMs, providerOf(request.model)) }
      const answer = await inItsPlace(request, failed, sent, undefined)
      return answer ?? answerOf(request, { ...sent, result: settled.later, firstTokenMs: 0 }, repeats)
    }
    const outcome = await faults.guardAsync(() => outcomeOf(request, settled, sent))
    if (!outcome) return asWithoutUs(settled)
    if (outcome instanceof Response) return outcome
    return (await inItsPlace(request, outcome, sent, repeats)) ?? outcome.response ?? asWithoutUs(settled)
  }

  /** @returns the response once something of a summary has come, or what has failed before */
  async function outcomeOf(
    request: StepRequest,
    settled: SettledAttempt,
    sent: Sent,
  ): Promise<Response | FailedSummary> {
    const provider = providerOf(request.model)
    if (settled.type === "thrown" || !settled.response.ok)
      return { ...settled, failure: await failureOf(settled, provider) }
    const protocol = readWireRequest(request.input, request.init)
    if (!protocol) return settled.response
    // OpenCode would take an empty summary, or half of one, for the whole: over an error it asks again.
    const held = await holdAnswer(settled.response, { ...request, protocol }, sent, {
      isEnough: (shown) => shown !== "nothing",
      onFault: faults.log,
    })
    if (held.broken) return { failure: failureInStream(held.broken, provider), response: held.response }
    mark(request, "answered")
    return held.response
  }

  /** @returns what OpenCode gets in place of the failure; `undefined` for the failure itself */
  async function inItsPlace(
    request: StepRequest,
    failed: FailedSummary,
    { abandon }: Sent,
    repeats: number | undefined,
  ): Promise<Response | "repeat" | undefined> {
    const answer = await faults.guardAsync(() => instead(request, failed, repeats))
    if (answer !== undefined) abandon()
    return answer
  }

  async function instead(
    request: StepRequest,
    failed: FailedSummary,
    repeats: number | undefined,
  ): Promise<Response | "repeat" | undefined> {
    const asked = askedFor(request)
    if (!asked) return undefined
    const { turn, signal } = asked
    const next = await nextMove.afterFailure(turn, { failure: failed.failure, repeats })
    if (next.move.do !== "switch") mark(request, "decided")
    switch (next.move.do) {
      case "repeat":
        await deps.pause(next.move.afterMs, signal)
        return wasAbortedByUser(signal) ? undefined : "repeat"
      case "switch":
        return fromChild(request, asked)
      case "giveUp":
        return giveUp(turn, next, next.move, failed)
      case "pass":
      case "wait":
        return undefined
    }
  }

  /** @returns `undefined` where nothing can be given in its place */
  function askedFor({ sessionID, input, init }: StepRequest): AskedFor | undefined {
    const { compaction } = sessions.get(sessionID)
    const signal = callerSignal(input, init)
    const protocol = readWireRequest(input, init)
    const text = compactionPrompt(init?.body)
    if (!compaction || !protocol || text === undefined || wasAbortedByUser(signal)) return undefined
    return { turn: compaction.turn, protocol, text, signal }
  }

  async function fromChild(
    request: StepRequest,
    { turn, protocol, text, signal }: AskedFor,
  ): Promise<Response | undefined> {
    const { sessionID, model } = request
    const onChild = (child: string): void => inheritChain(turn, child)
    const answer = await deps.askInChild({
      sessionID,
      agent: compactionAgent,
      on: turn.own,
      text,
      signal,
      onChild,
    })
    // Where no child can be asked, the reactive way is left.
    mark(request, "decided")
    if (answer.type === "answered") return textCompletion(protocol, modelRef(model).modelID, answer.text)
    // OpenCode itself gives a request up after minutes without a word, and asks again.
    return signal?.aborted ? undefined : refuse(sessionID, answer.message)
  }

  /** The child is of another agent, and of no category. */
  function inheritChain(turn: Turn, child: string): void {
    sessions.patch(child, { parentID: turn.sessionID, chain: deps.failover.chain(turn).entries })
  }

  function giveUp(
    turn: Turn,
    { verdict, after }: NextMove,
    { decision, refusal }: Extract<Move, { do: "giveUp" }>,
    { response }: FailedSummary,
  ): Response | undefined {
    if (turn.phase.is !== "exhausted") void notices.exhausted(turn, { why: verdict, decision })
    change(turn.sessionID, after)
    if (refusal !== undefined) return refuse(turn.sessionID, refusal)
    return response && boundedWait(response, deps.now())
  }

  function refuse(sessionID: string, refusal: string): Response {
    const { compaction } = sessions.get(sessionID)
    if (compaction) sessions.patch(sessionID, { compaction: { ...compaction, refusal } })
    return refusalResponse(refusal)
  }

  /** The reactive way reads it. */
  function mark({ sessionID }: StepRequest, step: StepState): void {
    change(sessionID, markStep(step))
  }

  function change(sessionID: string, transition: Transition): void {
    const { compaction } = sessions.get(sessionID)
    const turn = compaction && transition(compaction.turn)
    if (turn) sessions.patch(sessionID, { compaction: { ...compaction, turn } })
  }
}

/** What a summary is made of. */
type AskedFor = {
  readonly turn: Turn
  readonly protocol: WireProtocol
  readonly text: string
  readonly signal: AbortSignal | undefined
}

type FailedSummary = {
  readonly failure: Failure
  /** What OpenCode is to get where nothing else is done; it is thrown where there is none. */
  readonly response?: Response
}
