import type { FetchInit, FetchInput } from "./step-marker.ts"

/**
 * Finds out whether the requests of a provider pass the process's `fetch` with the headers of the call, so that a
 * header of ours could be taken off again. Nothing of ours is sent for it: OpenCode itself puts the id of the
 * session into a header of each request.
 */
export type FetchRoutes = {
  /** A step of this session is about to be sent to this provider, without a marker. */
  readonly expect: (sessionID: string, providerID: string) => void
  /** A request of this session is about to be sent to a provider whose way is known: it proves no other's. */
  readonly forget: (sessionID: string) => void
  /** Looks at a request without a marker. */
  readonly see: (input: FetchInput, init: FetchInit) => void
  /** Whether a request of this provider was seen to pass, in a protocol that can be ended in flight. */
  readonly isProven: (providerID: string) => boolean
}

/** OpenCode sends it with each request of a session (1.18.33). */
const sessionHeader = "x-session-affinity"
/** More steps than one process has under way. */
const mostExpected = 200

/** @param speaksOurs whether the request asks for a stream in a protocol of ours */
export function createFetchRoutes(speaksOurs: (input: FetchInput, init: FetchInit) => boolean): FetchRoutes {
  /** Provider by session. */
  const expected = new Map<string, string>()
  const proven = new Set<string>()

  return {
    expect: (sessionID, providerID) => {
      const [oldest] = expected.keys()
      if (oldest !== undefined && expected.size >= mostExpected) expected.delete(oldest)
      expected.set(sessionID, providerID)
    },
    forget: (sessionID) => {
      expected.delete(sessionID)
    },
    see: (input, init) => {
      if (expected.size === 0) return
      const sessionID = headersOf(input, init).get(sessionHeader) ?? ""
      const providerID = expected.get(sessionID)
      if (providerID === undefined || !speaksOurs(input, init)) return
      expected.delete(sessionID)
      // A package that repeats the headers elsewhere would send ours as well.
      if (typeof init?.body === "string" && !init.body.includes(sessionHeader)) proven.add(providerID)
    },
    isProven: (providerID) => proven.has(providerID),
  }
}

function headersOf(input: FetchInput, init: FetchInit): Headers {
  return new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
}
