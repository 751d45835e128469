import { saidForAllKeys, sayForAllKeys } from "./for-all-keys.ts"

/** What is kept of a response whose body is another one. */
type Head = Pick<Response, "status" | "statusText" | "headers" | "url">

/**
 * The same response with another body. `new Response` keeps status and headers but loses the address, which SDKs
 * put into their errors. A status that may have no body (204, 304) becomes 200: there is one now.
 */
export function rebuiltResponse(head: Head, body: BodyInit | null): Response {
  const { statusText, headers, url } = head
  const status = body !== null && hasNoBody(head.status) ? 200 : head.status
  // Bun reads statuses (999 of some firewalls) that it makes no response with.
  const copy = new Response(body, { status: Math.min(status, 599), statusText, headers })
  Object.defineProperties(copy, { url: { value: url }, status: { value: status } })
  const forAllKeys = saidForAllKeys(head)
  return forAllKeys ? sayForAllKeys(copy, forAllKeys) : copy
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
