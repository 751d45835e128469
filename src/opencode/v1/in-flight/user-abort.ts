/**
 * OpenCode joins its own timers to the caller's signal. Their reasons are failures of the provider, not the
 * user's Esc (names from OpenCode 1.18: header timeout, chunk timeout; `TimeoutError` is the platform's).
 */
const transportReasons: ReadonlySet<string> = new Set([
  "ProviderHeaderTimeoutError",
  "ProviderResponseStreamError",
  "TimeoutError",
])

/** Whether the request was ended by the person (or whoever called), told by who aborted, not by the error. */
export function wasAbortedByUser(signal: AbortSignal | null | undefined): boolean {
  if (!signal?.aborted) return false
  const reason: unknown = signal.reason
  return !(reason instanceof Error && transportReasons.has(reason.name))
}
