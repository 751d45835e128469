import type { Send } from "./fetch-wrapper.ts"
import type { FetchInit, FetchInput } from "./step-marker.ts"

export type AttemptResult =
  | { readonly type: "response"; readonly response: Response }
  | { readonly type: "thrown"; readonly error: unknown }
  /** No response headers yet; `next` waits on for ever. */
  | { readonly type: "silence"; readonly next: () => Promise<AttemptResult> }

export type Attempt = {
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
  now: () => number,
): Attempt {
  const controller = new AbortController()
  const caller = request.init?.signal
  const signal = caller ? AbortSignal.any([caller, controller.signal]) : controller.signal
  const sentAt = now()
  const answer = request.send(request.input, { ...request.init, signal }).then(
    (response): AttemptResult => ({ type: "response", response }),
    (error: unknown): AttemptResult => ({ type: "thrown", error }),
  )
  return {
    sentAt,
    result: silenceMs > 0 ? orSilence(answer, silenceMs) : answer,
    abandon: () => controller.abort(),
  }
}

async function orSilence(answer: Promise<AttemptResult>, silenceMs: number): Promise<AttemptResult> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<AttemptResult>((resolve) => {
    timer = setTimeout(() => resolve({ type: "silence", next: () => answer }), silenceMs)
  })
  try {
    return await Promise.race([answer, silence])
  } finally {
    clearTimeout(timer)
  }
}
