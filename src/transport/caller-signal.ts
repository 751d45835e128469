import type { FetchInit, FetchInput } from "./step-marker.ts"

/** The signal with which the caller can end the request. That of `init` outranks the request's own, as in `fetch`. */
export function callerSignal(input: FetchInput, init: FetchInit): AbortSignal | undefined {
  const own = init?.signal
  if (own !== undefined) return own ?? undefined
  return input instanceof Request ? input.signal : undefined
}
