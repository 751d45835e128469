import type { Failure } from "../../../core/verdict.ts"
import { rebuiltResponse } from "../../../transport/rebuilt-response.ts"

/** A failure of before as an answer over which OpenCode asks again. */
export function failureResponse({ status = 503, headers, body, message }: Failure): Response {
  const kept = new Headers(headers)
  // The body is already decoded, and its length may have changed with that.
  for (const name of lengthHeaders) kept.delete(name)
  const text = body ?? JSON.stringify({ error: { message } })
  return new Response(text, { status: retryableStatus(status), headers: kept })
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
