import { addressOf, headersOf, type FetchInit, type FetchInput } from "../transport/fetch-arguments.ts"
import type { Send } from "../transport/fetch-wrapper.ts"

/** Where a request bears its provider's key: a header, with what stands before the key in it, or the address. */
type Place =
  | { readonly in: "header"; readonly name: string; readonly prefix: string }
  | { readonly in: "query" }

const keyHeaders = ["x-api-key", "api-key", "x-goog-api-key"] as const

/** Anthropic's, GitHub's and Google's access tokens. */
const loginToken = /^(?:sk-ant-oat|gh[ou]_|tid=|ya29\.)/

/** The key of a request, by the places in which providers want it; `undefined` where no other can be put in its place. */
export function keyOfRequest(input: FetchInput, init: FetchInit) {
  const headers = headersOf(input, init)
  const authorization = headers.get("authorization") ?? ""
  // The signature would not fit any longer.
  if (/^aws4-/i.test(authorization) || headers.has("x-amz-date")) return undefined
  const found: (readonly [Place, string])[] = keyHeaders.flatMap((name) => {
    const key = headers.get(name)
    return key === null || key === "" ? [] : [[{ in: "header", name, prefix: "" }, key]]
  })
  const [, prefix = "", bearer] = /^(bearer )(\S+)$/i.exec(authorization) ?? []
  if (bearer !== undefined) found.push([{ in: "header", name: "authorization", prefix }, bearer])
  const query = addressOf(input).searchParams.get("key")
  if (query) found.push([{ in: "query" }, query])
  const key = found[0]?.[1]
  if (key === undefined || isLogin(headers, key)) return undefined
  // Some providers are given it twice.
  return { key, places: found.flatMap(([place, held]) => (held === key ? [place] : [])) }
}

/** A subscription's, which OpenCode renews by itself. */
function isLogin(headers: Headers, key: string): boolean {
  return (
    loginToken.test(key) ||
    headers.has("chatgpt-account-id") ||
    /\boauth-/.test(headers.get("anthropic-beta") ?? "")
  )
}

/** Sends the same request with another key, which stands nowhere else afterwards. */
export async function sendWith(
  key: string,
  places: readonly Place[],
  send: Send,
  input: FetchInput,
  init: FetchInit,
): Promise<Response> {
  const other = withKey(input, init, places, key)
  try {
    const response = await send(other.input, other.init)
    // OpenCode puts the address into its errors.
    if (places.some((place) => place.in === "query"))
      Object.defineProperty(response, "url", { value: addressOf(input).href })
    return response
  } catch (error) {
    if (error instanceof Error)
      for (const name of ["message", "stack", "path"] as const) {
        const text: unknown = Reflect.get(error, name)
        if (typeof text === "string") Reflect.set(error, name, hideKey(text, key))
      }
    throw error
  }
}

export function hideKey(text: string, key: string): string {
  return text.replaceAll(key, "***").replaceAll(encodeURIComponent(key), "***")
}

function withKey(
  input: FetchInput,
  init: FetchInit,
  places: readonly Place[],
  key: string,
): { readonly input: FetchInput; readonly init: FetchInit } {
  const headers = headersOf(input, init)
  let address: URL | undefined
  for (const place of places) {
    if (place.in === "header") headers.set(place.name, `${place.prefix}${key}`)
    else {
      address = addressOf(input)
      address.searchParams.set("key", key)
    }
  }
  if (address === undefined) return { input, init: { ...init, headers } }
  return {
    input: input instanceof Request ? new Request(address, input) : address,
    init: { ...init, headers },
  }
}
