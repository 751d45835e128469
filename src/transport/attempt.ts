import { withinTime } from "../async/within-time.ts"
import { boundedError } from "./bounded-error.ts"
import { callerSignal, type FetchInit, type FetchInput } from "./fetch-arguments.ts"
import type { Send } from "./fetch-wrapper.ts"

/** What came of a request, as OpenCode would have got it. */
export type SettledAttempt =
  | { readonly type: "response"; readonly response: Response }
  | { readonly type: "thrown"; readonly error: unknown }

type AttemptResult =
  | SettledAttempt
  /** No response headers yet; `later` waits on for ever. */
  | { readonly type: "silence"; readonly later: Promise<SettledAttempt> }

export type Attempt = {
  /** On the clock of `performance.now`. */
  readonly sentAt: number
  /** Resolves with the headers, with what was thrown, or with the silence. Never rejects. */
  readonly result: Promise<AttemptResult>
  /** Closes the connection, whatever its state. Idempotent. */
  readonly abandon: () => void
}

/**
 * Sends one request with an abort controller of its own, joined to the caller's: abandoning it by abort is the
 * only way that closes the connection on every Bun (up to 1.3.14 cancelling a body does not).
 *
 * @param silenceMs how long to wait for response headers before saying `silence`; 0 waits for ever
 */
export function sendAttempt(
  request: { readonly input: FetchInput; readonly init: FetchInit; readonly send: Send },
  silenceMs: number,
): Attempt {
  const controller = new AbortController()
  const caller = callerSignal(request.input, request.init)
  const signal = caller ? AbortSignal.any([caller, controller.signal]) : controller.signal
  const sentAt = performance.now()
  const answer = request.send(request.input, { ...request.init, signal }).then(
    (response): SettledAttempt => ({
      type: "response",
      response: response.ok ? response : boundedError(response, () => controller.abort()),
    }),
    (error: unknown): SettledAttempt => ({ type: "thrown", error }),
  )
  return {
    sentAt,
    result: silenceMs > 0 ? orSilence(answer, silenceMs) : answer,
    abandon: () => controller.abort(),
  }
}

/** The outcome as OpenCode would have got it without us. */
export function asWithoutUs(settled: SettledAttempt): Promise<Response> {
  return settled.type === "response" ? Promise.resolve(settled.response) : Promise.reject(settled.error)
}

async function orSilence(answer: Promise<SettledAttempt>, silenceMs: number): Promise<AttemptResult> {
  return (await withinTime(answer, silenceMs)) ?? { type: "silence", later: answer }
}
