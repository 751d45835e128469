import { failureFromFrame, failureFromThrown } from "../core/classify/failure-from.ts"
import { parseJsonText } from "../core/json-object.ts"
import type { Failure } from "../core/verdict.ts"
import type { SettledAttempt } from "../transport/attempt.ts"
import { CutStreamError, EmptyAnswerError, type StreamFailure } from "../transport/stream-failure.ts"

/** What an answer with an error status says, from a copy of its body, which must come to an end (`boundedError`). */
export async function readFailure(
  response: Response,
  provider: string,
): Promise<Failure & { readonly body: string }> {
  const body = await response.clone().text()
  return { provider, status: response.status, headers: Object.fromEntries(response.headers), body }
}

/** What a request says that ended without an answer, or with an error status. */
export async function failureOf(settled: SettledAttempt, provider: string): Promise<Failure> {
  return settled.type === "thrown"
    ? thrownFailure(settled.error, provider)
    : readFailure(settled.response, provider)
}

/** What an answer that broke off says of the model. */
export function failureInStream(broken: StreamFailure, provider: string): Failure {
  switch (broken.type) {
    case "frame": {
      const gateway = parseJsonText(broken.text) === undefined ? brokenGateway : {}
      return { ...gateway, ...failureFromFrame(broken.text, provider) }
    }
    case "thrown":
      return thrownFailure(broken.error, provider)
    case "cut":
      return thrownFailure(new CutStreamError(), provider)
    case "empty":
      return thrownFailure(new EmptyAnswerError(), provider)
    case "filtered":
      return failureFromFrame(blockedAnswer, provider)
    case "silence":
      return silenceFailure(broken.afterMs, provider)
  }
}

export function silenceFailure(afterMs: number, provider: string): Failure {
  const seconds = Math.round(afterMs / 100) / 10
  const message = `request timed out: the model said nothing for ${seconds} s`
  return { provider, name: "TimeoutError", message }
}

function thrownFailure(thrown: unknown, provider: string): Failure {
  return { ...failureFromThrown(thrown, provider), thrown }
}

/** A stop reason that says so, in the words of an error. */
const blockedAnswer = `{"error":{"code":"content_filter","message":"The provider blocked the answer"}}`

/** Data that is no JSON comes from something in between: a proxy's page under status 200, a cut frame. */
const brokenGateway = { status: 502 } as const
