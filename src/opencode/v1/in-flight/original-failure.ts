import { STATUS_CODES } from "node:http"
import type { Failure } from "../../../core/verdict.ts"
import type { SettledAttempt } from "../../../transport/attempt.ts"
import { rebuiltResponse } from "../../../transport/rebuilt-response.ts"

/**
 * A failure of before, once more. What was thrown is thrown again: each SDK package looks for an answer's words in a
 * place of its own, and OpenCode shows the whole body where it finds none.
 */
export function failedAgain(failure: Failure, now: number): SettledAttempt {
  const { thrown, body, message } = failure
  if (thrown !== undefined) return { type: "thrown", error: thrown }
  // A silence.
  if (body === undefined) return { type: "thrown", error: new SilentModelError(message) }
  return { type: "response", response: boundedWait(failureResponse({ ...failure, body }), now) }
}

/** An answer over which OpenCode asks again. */
function failureResponse({ status = 503, headers, body }: Failure & { readonly body: string }): Response {
  const kept = new Headers(headers)
  // The body is already decoded, and its length may have changed with that.
  for (const name of lengthHeaders) kept.delete(name)
  // OpenCode shows a proxy's page where nothing says in short what it is.
  const statusText = STATUS_CODES[status] ?? ""
  return rebuiltResponse({ status: retryableStatus(status), statusText, headers: kept, url: "" }, body)
}

const lengthHeaders = ["content-encoding", "content-length"] as const

/**
 * OpenCode obeys `retry-after` without a bound, so that an hour means an hour in which nothing happens. Where
 * no model is left, it is to give up in its own time (about a minute): a longer wait is left out.
 */
const longestRetryAfterMs = 60_000

const waitHeaders = ["retry-after", "retry-after-ms"] as const

/** The response itself, or, when it asks for a long wait, the same without the headers that ask for it. */
export function boundedWait(response: Response, now: number): Response {
  const wait = retryAfterMs(response.headers, now)
  if (wait === undefined || wait <= longestRetryAfterMs) return response
  const headers = new Headers(response.headers)
  for (const name of waitHeaders) headers.delete(name)
  return withHeaders(response, headers, response.status)
}

/**
 * The failure as one that OpenCode asks again: where somebody may be well by then, a dead key of the model that it
 * is shown ends nothing.
 */
export function askedAgain(response: Response): Response {
  return withHeaders(response, response.headers, retryableStatus(response.status))
}

/** Only these make OpenCode ask again. */
function retryableStatus(status: number): number {
  return status === 429 || status >= 500 ? status : 429
}

/** The failure dressed so that OpenCode shows its own retry and asks again after `waitMs`. */
export function waitingResponse(original: Response, waitMs: number): Response {
  const headers = new Headers(original.headers)
  headers.set("retry-after-ms", String(Math.ceil(waitMs)))
  for (const name of ["retry-after", ...lengthHeaders]) headers.delete(name)
  return withHeaders(original, headers, retryableStatus(original.status))
}

/** Not named `TimeoutError`: the AI SDK takes that for an abort by the user. Its code makes OpenCode ask again. */
export class SilentModelError extends Error {
  override readonly name = "SilentModelError"
  readonly code = "ETIMEDOUT"
}

function withHeaders(response: Response, headers: Headers, status: number): Response {
  const { statusText, url } = response
  return rebuiltResponse({ status, statusText, headers, url }, response.body)
}

function retryAfterMs(headers: Headers, now: number): number | undefined {
  const ms = Number.parseFloat(headers.get("retry-after-ms") ?? "")
  if (!Number.isNaN(ms)) return ms
  const text = headers.get("retry-after") ?? ""
  const seconds = Number.parseFloat(text)
  if (!Number.isNaN(seconds)) return seconds * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : date - now
}
