import { failureFromFrame, failureFromThrown } from "../core/classify/failure-from.ts"
import type { Decision } from "../core/decide.ts"
import { type ModelKey, modelRef, providerOf, sameModel } from "../core/model-ref.ts"
import type { Failure, FailureKind } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Notices } from "../notify/notices.ts"
import { type Attempt, sendAttempt } from "../transport/attempt.ts"
import type { Send } from "../transport/fetch-wrapper.ts"
import { readFailedResponse } from "../transport/read-failed-response.ts"
import type { FetchInit, FetchInput } from "../transport/step-marker.ts"
import { type StreamFailure, watchStepResponse } from "../transport/step-response.ts"
import { emptyCompletion, type Shown, type WireProtocol } from "../transport/wire/wire-protocol.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { OriginalFailure, Turn } from "../turn/turn.ts"
import { type Failover, turnAfterSwitch } from "./failover.ts"
import { boundedWait, replayOriginal, waitingResponse } from "./original-failure.ts"
import { isReplayable, readWireRequest } from "./wire-request.ts"
import { wasAbortedByUser } from "./user-abort.ts"

export type InFlightDeps = {
  readonly failover: Failover
  readonly sessions: Sessions
  readonly host: Pick<Host, "addFollowUp" | "log">
  readonly notices: Notices
  readonly timeouts: { readonly firstTokenMs: number; readonly stallMs: number }
  /** The longest wait for a model to come back when nobody is left, milliseconds; `undefined`: no waiting. */
  readonly mostWaitMs: number | undefined
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}

/** One request of a step, as OpenCode sent it. */
export type StepRequest = {
  readonly sessionID: string
  readonly model: ModelKey
  readonly input: FetchInput
  readonly init: FetchInit
  readonly send: Send
}

export type InFlight = (request: StepRequest) => Promise<Response>

/** A failure together with what OpenCode gets when it is left to it. */
type Failed = {
  readonly failure: Failure
  readonly handOver: () => Promise<Response>
  readonly recorded: OriginalFailure | undefined
}

/** One request on its way through this file. */
type Flight = StepRequest & { readonly protocol: WireProtocol; readonly startedAt: number }

const continueText =
  "The connection broke while you were writing the reply above. Continue it exactly where it stops. " +
  "Do not repeat what is already written, and do not mention the interruption."

/**
 * Failover inside the running turn. A failed request is answered with a well-formed empty completion, after a
 * follow-up message on the next model has been added; OpenCode's own loop then takes its next step there.
 *
 * Whatever goes wrong in our own part is logged, and OpenCode gets what it would have got without us.
 */
export function createInFlight(deps: InFlightDeps): InFlight {
  const { failover, sessions, host, notices, now } = deps

  return async (request) => {
    const protocol = attemptTo(() => readWireRequest(request.input, request.init))
    const turn = sessions.turn(request.sessionID)
    if (!protocol || !turn || !failover.enabled(request.sessionID)) return request.send(request.input, request.init)
    const flight: Flight = { ...request, protocol, startedAt: now() }
    mark(flight, "in-flight")
    const early = await attemptToAsync(() => answerWithoutAsking(flight, turn))
    return early ? early() : ask(flight)
  }

  /** What needs no request: a model known to be down, or the original failure that is still owed. */
  async function answerWithoutAsking(flight: Flight, turn: Turn): Promise<(() => Promise<Response>) | undefined> {
    if (wasAbortedByUser(flight.init?.signal)) return undefined
    if (!sameModel(flight.model, turn.inUse)) return undefined
    if (turn.phase.is === "exhausted") return owedFailure(flight, turn, turn.phase)
    const reason = failover.gate(flight.model)
    if (!reason || turn.keepOwn) return undefined
    const kind = "kind" in reason ? reason.kind : undefined
    const decision = await failover.successor(turn, kind)
    if (decision.do !== "switch") return undefined
    const left = await leave(flight, turn, decision, kind, "nothing")
    return left ? () => Promise.resolve(endedStep(flight)) : undefined
  }

  function owedFailure(
    flight: Flight,
    turn: Turn,
    phase: Extract<Turn["phase"], { is: "exhausted" }>,
  ): (() => Promise<Response>) | undefined {
    const { original } = turn
    if (!original || !sameModel(flight.model, turn.own)) return undefined
    const known = phase.backAt !== undefined && phase.backAt > now()
    if (phase.handedOver && !known) return undefined
    sessions.patchTurn(turn, { phase: { ...phase, handedOver: true } })
    mark(flight, "decided")
    return async () => boundedWait(await replayOriginal(original), now())
  }

  async function ask(flight: Flight): Promise<Response> {
    for (let repeats = 0; ; repeats += 1) {
      const attempt = sendAttempt(flight, deps.timeouts.firstTokenMs, now)
      const outcome = await firstOutcome(flight, attempt)
      if (outcome.type === "answered") return outcome.response
      const { failed } = outcome
      const left = isReplayable(flight.input, flight.init) ? repeats : undefined
      const answer = await attemptToAsync(() => resolveFailure(flight, failed, left, "nothing"))
      if (answer === "repeat") continue
      if (answer === "end") {
        attempt.abandon()
        return endedStep(flight)
      }
      return answer ? answer() : failed.handOver()
    }
  }

  type FirstOutcome =
    | { readonly type: "answered"; readonly response: Response }
    | { readonly type: "failed"; readonly failed: Failed }

  async function firstOutcome(flight: Flight, attempt: Attempt): Promise<FirstOutcome> {
    const result = await attempt.result
    switch (result.type) {
      case "silence": {
        const failure = silenceFailure(flight, deps.timeouts.firstTokenMs)
        const handOver = async (): Promise<Response> => {
          const later = await result.next()
          if (later.type === "thrown") throw later.error
          return later.type === "response" ? watch(flight, later.response, attempt) : Promise.reject(failure)
        }
        return { type: "failed", failed: { failure, handOver, recorded: undefined } }
      }
      case "thrown": {
        const { error } = result
        if (wasAbortedByUser(flight.init?.signal)) throw error
        const failure = failureFromThrown(error, providerOf(flight.model))
        return {
          type: "failed",
          failed: { failure, handOver: () => Promise.reject(error), recorded: { type: "thrown", error } },
        }
      }
      case "response":
        return answered(flight, result.response, attempt)
    }
  }

  async function answered(flight: Flight, response: Response, attempt: Attempt): Promise<FirstOutcome> {
    const isStream = response.headers.get("content-type")?.includes("text/event-stream") === true
    if (response.ok && isStream) return { type: "answered", response: watch(flight, response, attempt) }
    const isJson = response.headers.get("content-type")?.includes("json") === true
    const body = response.ok && !isJson ? undefined : await readFailedResponse(response)
    // Some providers report an overload with status 200 and a JSON body where a stream was asked for.
    if (body === undefined || (response.ok && !/"error"|"code"/.test(body))) {
      mark(flight, "answered")
      return { type: "answered", response }
    }
    const headers = Object.fromEntries(response.headers)
    const failure: Failure = { provider: providerOf(flight.model), status: response.status, headers, body }
    return {
      type: "failed",
      failed: {
        failure,
        handOver: () => Promise.resolve(response),
        recorded: {
          type: "response",
          status: response.status,
          statusText: response.statusText,
          headers: [...response.headers],
          body,
          url: response.url,
        },
      },
    }
  }

  function watch(flight: Flight, response: Response, attempt: Attempt): Response {
    mark(flight, "answered")
    const reader = flight.protocol.open({ model: modelRef(flight.model).modelID })
    const timeouts = { ...deps.timeouts, sentAt: attempt.sentAt, now }
    return watchStepResponse(response, reader, timeouts, {
      abandon: attempt.abandon,
      onFinished: () => finished(flight),
      onFailure: async (broken, shown) => {
        if (wasAbortedByUser(flight.init?.signal)) return "pass"
        const failed: Failed = {
          failure: streamFailure(flight, broken),
          handOver: () => Promise.resolve(response),
          recorded: recordedStream(broken, response),
        }
        const answer = await attemptToAsync(() => resolveFailure(flight, failed, undefined, shown))
        return answer === "end" ? "end" : "pass"
      },
    })
  }

  function finished(flight: Flight): void {
    attemptTo(() => {
      failover.succeeded(flight.model)
      const turn = sessions.turn(flight.sessionID)
      if (!turn) return
      if (turn.phase.is === "exhausted") sessions.patchTurn(turn, { phase: { is: "running" } })
      if (sameModel(flight.model, turn.own)) notices.returned(turn)
    })
  }

  /** @returns `end`: the step is to be ended, the turn goes on elsewhere; a function: what OpenCode gets */
  async function resolveFailure(
    flight: Flight,
    failed: Failed,
    repeats: number | undefined,
    shown: Shown,
  ): Promise<"repeat" | "end" | (() => Promise<Response>)> {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || turn.phase.is === "aborted") return failed.handOver
    mark(flight, "decided")
    // The newest message of the session already names another model: the loop goes there by itself.
    if (!sameModel(flight.model, turn.inUse)) {
      await failover.judge({ ...turn, inUse: flight.model }, failed.failure, undefined)
      return "end"
    }
    if (turn.phase.is === "exhausted") return handOverBounded(failed)
    const { verdict, decision } = await failover.judge(turn, failed.failure, repeats)
    if (wasAbortedByUser(flight.init?.signal)) return failed.handOver
    switch (decision.do) {
      case "pass":
        host.log("info", `left to OpenCode: ${flight.model} ${verdict.kind} (${decision.why}; ${verdict.rule})`)
        return failed.handOver
      case "repeat":
        await deps.sleep(decision.afterMs)
        return wasAbortedByUser(flight.init?.signal) ? failed.handOver : "repeat"
      case "switch": {
        if (sameModel(flight.model, turn.own) && failed.recorded && !turn.original)
          sessions.patchTurn(turn, { original: failed.recorded })
        const left = await leave(flight, sessions.turn(flight.sessionID) ?? turn, decision, verdict.kind, shown)
        return left ? "end" : failed.handOver
      }
      case "exhausted":
        return exhausted(flight, turn, failed, decision, verdict.kind)
    }
  }

  async function exhausted(
    flight: Flight,
    turn: Turn,
    failed: Failed,
    decision: Extract<Decision, { do: "exhausted" }>,
    kind: FailureKind,
  ): Promise<"end" | (() => Promise<Response>)> {
    const wait = waitFor(decision)
    notices.exhausted(turn, kind, decision, wait)
    if (wait !== undefined) {
      // A new walk begins when the time is over.
      sessions.patchTurn(turn, { tried: [], attempts: 0 })
      return async () => waitingResponse(await failed.handOver(), wait)
    }
    const backAt = decision.soonest?.at
    const owes = turn.original && !sameModel(turn.inUse, turn.own)
    sessions.patchTurn(turn, {
      phase: { is: "exhausted", handedOver: !owes, backAt },
      ...(!turn.original && failed.recorded && { original: failed.recorded }),
    })
    if (!owes) return handOverBounded(failed)
    // Back to the user's own model, whose own failure is the one that OpenCode and the user shall see.
    const back = await followUp(flight, turn, turn.own, turn.ownVariant, "nothing")
    if (!back) return handOverBounded(failed)
    sessions.patchTurn(turn, { inUse: turn.own })
    return "end"
  }

  function waitFor(decision: Extract<Decision, { do: "exhausted" }>): number | undefined {
    if (deps.mostWaitMs === undefined || !decision.soonest) return undefined
    const wait = Math.max(0, decision.soonest.at - now())
    return wait <= deps.mostWaitMs ? wait : undefined
  }

  function handOverBounded(failed: Failed): () => Promise<Response> {
    return async () => boundedWait(await failed.handOver(), now())
  }

  async function leave(
    flight: Flight,
    turn: Turn,
    decision: Extract<Decision, { do: "switch" }>,
    kind: FailureKind | undefined,
    shown: Shown,
  ): Promise<boolean> {
    const { to } = decision
    if (!(await followUp(flight, turn, to.model, to.variant ?? turn.carried.variant, shown))) return false
    mark(flight, "decided")
    sessions.patchTurn(turn, turnAfterSwitch(turn, to.model, kind))
    notices.switched(turn, to.model, kind, decision.skipped, now() - flight.startedAt)
    return true
  }

  async function followUp(
    flight: Flight,
    turn: Turn,
    model: ModelKey,
    variant: string | undefined,
    shown: Shown,
  ): Promise<boolean> {
    sessions.patch(flight.sessionID, { inserting: true })
    try {
      const text = shown === "text" ? { text: continueText } : {}
      await host.addFollowUp({ ...turn.carried, ...text, variant, sessionID: flight.sessionID, model })
      return true
    } catch (error) {
      host.log("error", "the follow-up message could not be added; the failure is left to OpenCode", {
        error: String(error),
      })
      return false
    } finally {
      sessions.patch(flight.sessionID, { inserting: false })
    }
  }

  function endedStep(flight: Flight): Response {
    return emptyCompletion(flight.protocol, { model: modelRef(flight.model).modelID })
  }

  function mark(flight: Flight, state: "in-flight" | "answered" | "decided"): void {
    const turn = sessions.turn(flight.sessionID)
    if (turn) sessions.patchTurn(turn, { step: { model: flight.model, state } })
  }

  function attemptTo<T>(run: () => T): T | undefined {
    try {
      return run()
    } catch (error) {
      logOwnFault(error)
      return undefined
    }
  }

  async function attemptToAsync<T>(run: () => Promise<T>): Promise<T | undefined> {
    try {
      return await run()
    } catch (error) {
      logOwnFault(error)
      return undefined
    }
  }

  function logOwnFault(error: unknown): void {
    const text = error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ""}` : String(error)
    host.log("error", `a fault of our own; OpenCode goes on as without us: ${text.slice(0, 2_000)}`)
  }
}

function silenceFailure(flight: Flight, afterMs: number): Failure {
  return {
    provider: providerOf(flight.model),
    name: "TimeoutError",
    message: `request timed out: no token within ${Math.round(afterMs / 100) / 10} s`,
  }
}

function streamFailure(flight: Flight, broken: StreamFailure): Failure {
  const provider = providerOf(flight.model)
  switch (broken.type) {
    case "frame":
      return failureFromFrame(broken.text, provider)
    case "thrown":
      return failureFromThrown(broken.error, provider)
    case "cut":
      return { provider, code: "ECONNRESET", message: "connection reset: the stream ended before the answer was complete" }
    case "silence":
      return silenceFailure(flight, broken.afterMs)
  }
}

function recordedStream(broken: StreamFailure, response: Response): OriginalFailure | undefined {
  if (broken.type === "thrown") return { type: "thrown", error: broken.error }
  if (broken.type !== "frame") return undefined
  return {
    type: "response",
    status: 200,
    statusText: response.statusText,
    headers: [["content-type", "text/event-stream"]],
    body: `data: ${broken.text}\n\n`,
    url: response.url,
  }
}
