import { failureFromFrame, failureFromError } from "../core/classify/failure-from.ts"
import { parseJsonText } from "../core/json-object.ts"
import type { Failure } from "../core/verdict.ts"
import type { SettledAttempt } from "../transport/attempt.ts"
import { saidForAllKeys } from "../transport/for-all-keys.ts"
import { CutStreamError, EmptyAnswerError, type StreamFailure } from "../transport/stream-failure.ts"

/** What an answer with an error status says, from a copy of its body, which must come to an end (`boundedError`). */
export async function readFailure(response: Response): Promise<Failure & { readonly body: string }> {
  const body = await response.clone().text()
  const headers = Object.fromEntries(response.headers)
  return { status: response.status, headers, body, forAllKeys: saidForAllKeys(response) }
}

/** What a request says that ended without an answer, or with an error status. */
export async function failureOf(settled: SettledAttempt): Promise<Failure> {
  return settled.type === "thrown" ? thrownFailure(settled.error) : readFailure(settled.response)
}

/** What an answer that broke off says of the model. */
export function failureInStream(broken: StreamFailure): Failure {
  switch (broken.type) {
    case "frame": {
      const gateway = parseJsonText(broken.text) === undefined ? brokenGateway : {}
      return { ...gateway, ...failureFromFrame(broken.text) }
    }
    case "thrown":
      return thrownFailure(broken.error)
    case "cut":
      return thrownFailure(new CutStreamError())
    case "empty":
      return thrownFailure(new EmptyAnswerError())
    case "filtered":
      return failureFromFrame(blockedAnswer)
    case "silence":
      return silenceFailure(broken.afterMs)
  }
}

export function silenceFailure(afterMs: number): Failure {
  const seconds = Math.round(afterMs / 100) / 10
  const message = `request timed out: the model said nothing for ${seconds} s`
  return { name: "TimeoutError", message }
}

function thrownFailure(thrown: unknown): Failure {
  return { ...failureFromError(thrown), thrown }
}

/** A stop reason that says so, in the words of an error. */
const blockedAnswer = `{"error":{"code":"content_filter","message":"The provider blocked the answer"}}`

/** Data that is no JSON comes from something in between: a proxy's page under status 200, a cut frame. */
const brokenGateway = { status: 502 } as const
