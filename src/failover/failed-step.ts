import { failureFromFrame, failureFromThrown } from "../core/classify/failure-from.ts"
import { parseJsonText } from "../core/json-object.ts"
import { providerOf } from "../core/model-ref.ts"
import type { Failure } from "../core/verdict.ts"
import { CutStreamError, EmptyAnswerError, type StreamFailure } from "../transport/stream-failure.ts"
import type { FailedStep, Flight } from "./flight.ts"

/** What an answer with an error status says, from a copy of its body, which must come to an end (`boundedError`). */
export async function readFailure(
  response: Response,
  provider: string,
): Promise<Failure & { readonly body: string }> {
  const body = await response.clone().text()
  return { provider, status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** A request that the provider answered with an error status. */
export async function failedByStatus(flight: Flight, response: Response): Promise<FailedStep> {
  const failure = await readFailure(response, providerOf(flight.model))
  const { status, statusText, headers, url } = response
  return {
    failure,
    recorded: { type: "response", status, statusText, headers: [...headers], body: failure.body, url },
  }
}

/** A request that ended without an answer. */
export function failedByThrow(flight: Flight, error: unknown): FailedStep {
  return {
    failure: failureFromThrown(error, providerOf(flight.model)),
    recorded: { type: "thrown", error },
  }
}

/** A model that says nothing. */
export function failedBySilence(flight: Flight, afterMs: number): FailedStep {
  const failure = silenceFailure(afterMs, providerOf(flight.model))
  return { failure, recorded: { type: "thrown", error: new SilentModelError(failure.message) } }
}

/** An answer that broke off. */
export function failedInStream(flight: Flight, broken: StreamFailure, response: Response): FailedStep {
  if (broken.type === "thrown") return failedByThrow(flight, broken.error)
  if (broken.type === "cut") return failedByThrow(flight, new CutStreamError())
  if (broken.type === "empty") return failedByThrow(flight, new EmptyAnswerError())
  if (broken.type === "silence") return failedBySilence(flight, broken.afterMs)
  const { contentType, ...replayed } = flight.protocol.framing.failedResponse(broken.text)
  const { statusText, url } = response
  return {
    failure: failureInStream(broken, providerOf(flight.model)),
    recorded: { type: "response", statusText, headers: [["content-type", contentType]], url, ...replayed },
  }
}

/** What an answer that broke off says of the model. */
export function failureInStream(broken: StreamFailure, provider: string): Failure {
  switch (broken.type) {
    case "thrown":
      return failureFromThrown(broken.error, provider)
    case "cut":
      return failureFromThrown(new CutStreamError(), provider)
    case "empty":
      return failureFromThrown(new EmptyAnswerError(), provider)
    case "silence":
      return silenceFailure(broken.afterMs, provider)
    case "frame":
      return {
        ...(parseJsonText(broken.text) === undefined ? brokenGateway : {}),
        ...failureFromFrame(broken.text, provider),
      }
  }
}

export function silenceFailure(afterMs: number, provider: string): Failure & { readonly message: string } {
  const seconds = Math.round(afterMs / 100) / 10
  const message = `request timed out: the model said nothing for ${seconds} s`
  return { provider, name: "TimeoutError", message }
}

/** Data that is no JSON comes from something in between: a proxy's page under status 200, a cut frame. */
const brokenGateway = { status: 502 } as const

/** Not named `TimeoutError`: the AI SDK takes that for an abort by the user. */
class SilentModelError extends Error {
  override readonly name = "SilentModelError"
  readonly code = "ETIMEDOUT"
}
