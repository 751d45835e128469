export type FetchInput = Parameters<typeof fetch>[0]
export type FetchInit = Parameters<typeof fetch>[1]

export function addressOf(input: FetchInput): URL {
  return new URL(typeof input === "string" ? input : input instanceof URL ? input.href : input.url)
}

/** Those of `init` replace the request's own, as in `fetch`. */
export function headersOf(input: FetchInput, init: FetchInit): Headers {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
}

/** The signal with which the caller can end the request. That of `init` outranks the request's own, as in `fetch`. */
export function callerSignal(input: FetchInput, init: FetchInit): AbortSignal | undefined {
  const own = init?.signal
  if (own !== undefined) return own ?? undefined
  return input instanceof Request ? input.signal : undefined
}
