import type { FetchInit, FetchInput } from "./fetch-arguments.ts"

/**
 * Request header that ties a request to the step of a turn that it belongs to. `chat.headers` adds it and the
 * fetch wrapper takes it off again, so that it never leaves the process. Its value is a random token and says
 * nothing.
 */
export const stepMarkerHeader = "x-understudy-step"

/**
 * A header that the signers of AWS leave out of the signature, so that it can be taken off behind them. One that
 * does not hold our token is somebody else's.
 */
export const unsignedMarkerHeader = "x-amzn-trace-id"

const tokenStart = "understudy-"

/** A random token that says nothing. */
export function newMarkerToken(): string {
  return `${tokenStart}${crypto.randomUUID()}`
}

/**
 * Takes the marker off a request, or says `undefined` when it bears none. Beside the token stands the request as it
 * would have been without us: all Bun-only options of `init` are kept.
 */
export function takeStepMarker(input: FetchInput, init: FetchInit) {
  const headers = init?.headers
  if (headers !== undefined && headers !== null) {
    const found = withoutMarker(headers)
    if (!found) return undefined
    return { token: found.token, input, init: { ...cleanBody(init, found.token), headers: found.headers } }
  }
  if (input instanceof Request) {
    const marker = [...input.headers].find(isMarker)
    if (!marker) return undefined
    const [name, token] = marker
    // Not by `headers` of the new one: Bun (1.3.14, 1.4.5) ignores them when they are empty.
    const cleaned = new Request(input)
    cleaned.headers.delete(name)
    return { token, input: cleaned, init }
  }
  return undefined
}

type HeadersInput = NonNullable<NonNullable<FetchInit>["headers"]>

function withoutMarker(
  headers: HeadersInput,
): { readonly token: string; readonly headers: HeadersInput } | undefined {
  const isList = Symbol.iterator in headers
  const pairs = isList ? [...(headers as Iterable<[string, string]>)] : Object.entries(headers)
  const token = pairs.find(isMarker)?.[1]
  if (token === undefined) return undefined
  const cleaned = pairs.filter((pair) => !isMarker(pair))
  if (headers instanceof Headers) return { token, headers: new Headers(cleaned) }
  return { token, headers: isList ? cleaned : Object.fromEntries(cleaned) }
}

/** Some packages repeat the headers of a call in the body of its request. */
function cleanBody(init: FetchInit, token: string): FetchInit {
  const body: unknown = init?.body
  if (typeof body !== "string" || !body.includes(token)) return init
  const name = escaped(stepMarkerHeader)
  const member = `"${name}"\\s*:\\s*"${escaped(token)}"`
  return { ...init, body: body.replaceAll(new RegExp(`,\\s*${member}|${member}\\s*,?`, "gi"), "") }
}

function escaped(text: string): string {
  return text.replaceAll(/[^\w]/g, "\\$&")
}

function isMarker([name, value]: readonly (string | undefined)[]): boolean {
  const header = name?.toLowerCase()
  if (header === stepMarkerHeader) return true
  return header === unsignedMarkerHeader && value?.startsWith(tokenStart) === true
}
