import type { FetchInit, FetchInput } from "./step-marker.ts"

/** Those of `init` replace the request's own, as in `fetch`. */
export function headersOf(input: FetchInput, init: FetchInit): Headers {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
}
