import { headersOf, type FetchInit, type FetchInput } from "./fetch-arguments.ts"

export type FetchRoutes = ReturnType<typeof createFetchRoutes>

/** OpenCode sends it with each request of a session (1.18.33). */
const sessionHeader = "x-session-affinity"
/** More steps than one process has under way. */
const mostExpected = 200

/**
 * Finds out whether the requests of a provider pass the process's `fetch` with the headers of the call, so that a
 * header of ours could be taken off again. Nothing of ours is sent for it: OpenCode itself puts the id of the
 * session into a header of each request.
 *
 * @param speaksOurs whether the request asks for a stream in a protocol of ours
 */
export function createFetchRoutes(speaksOurs: (input: FetchInput, init: FetchInit) => boolean) {
  /** Provider by session. */
  const expected = new Map<string, string>()
  const proven = new Set<string>()

  return {
    /** A step of this session is about to be sent to this provider, without a marker. */
    expect: (sessionID: string, providerID: string): void => {
      const [oldest] = expected.keys()
      if (oldest !== undefined && expected.size >= mostExpected) expected.delete(oldest)
      expected.set(sessionID, providerID)
    },
    /** A request of this session is about to be sent to a provider whose way is known: it proves no other's. */
    forget: (sessionID: string): void => {
      expected.delete(sessionID)
    },
    /** Looks at a request without a marker. */
    see: (input: FetchInput, init: FetchInit): void => {
      if (expected.size === 0) return
      const sessionID = headersOf(input, init).get(sessionHeader) ?? ""
      const providerID = expected.get(sessionID)
      if (providerID === undefined || !speaksOurs(input, init)) return
      expected.delete(sessionID)
      // A package that repeats the headers elsewhere would send ours as well.
      if (typeof init?.body === "string" && !init.body.includes(sessionHeader)) proven.add(providerID)
    },
    /** Whether a request of this provider was seen to pass, in a protocol that can be ended in flight. */
    isProven: (providerID: string): boolean => proven.has(providerID),
  }
}
