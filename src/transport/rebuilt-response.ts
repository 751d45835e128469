/**
 * The same response with another body. `new Response` keeps status and headers but loses the address, which SDKs
 * put into their errors. A status that may have no body (204, 304) becomes 200: there is one now.
 */
export function rebuiltResponse(response: Response, body: ReadableStream<Uint8Array>): Response {
  const status = hasNoBody(response.status) ? 200 : response.status
  const copy = new Response(body, { status, statusText: response.statusText, headers: response.headers })
  Object.defineProperty(copy, "url", { value: response.url })
  return copy
}

function hasNoBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304
}
