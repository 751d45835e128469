import type { Failure } from "../verdict.ts"
import { clipText } from "./clip-text.ts"
import { fieldNamesOf, isError, isHeaders, isList, readField, snapshot } from "./snapshot.ts"

type Found = {
  status?: number
  headers?: Record<string, string>
  body?: string
  name?: string
  code?: string
  readonly messages: string[]
  /** Whether an object holds more than the fields that are read one by one. */
  hasMore?: boolean
}

const maxLinks = 12
const maxBodyChars = 65_536

/** Names that say nothing of the cause: the name of what they wrap counts. */
const wrapperNames = new Set(
  "Error TypeError AggregateError APIError UnknownError AI_APICallError AI_RetryError RetryError FiberFailure DOMException".split(
    " ",
  ),
)

function lowerHeaders(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null) return undefined
  const pairs: Iterable<readonly [string, unknown]> = isHeaders(value)
    ? value.entries()
    : fieldNamesOf(value).map((name) => [name, readField(value, name)] as const)
  const headers: Record<string, string> = {}
  for (const [name, item] of pairs) {
    if (typeof item === "string" || typeof item === "number") headers[name.toLowerCase()] = String(item)
  }
  return headers
}

function readFields(found: Found, fields: Readonly<Record<string, unknown>>): void {
  const status = fields["statusCode"] ?? fields["status"]
  if (typeof status === "number" && status >= 100 && status <= 599) found.status ??= status
  const headers = lowerHeaders(fields["responseHeaders"] ?? fields["headers"])
  if (headers !== undefined) found.headers ??= headers
  const body = fields["responseBody"]
  if (typeof body === "string" && body !== "") found.body ??= body
  else if (typeof body === "object" && body !== null) found.body ??= snapshot(body) ?? ""
  const { name, code, message } = fields
  if (typeof name === "string" && !wrapperNames.has(name)) found.name ??= name
  if (typeof code === "string" || typeof code === "number") found.code ??= String(code)
  if (typeof message === "string" && message !== "" && found.messages.length < maxLinks) {
    if (!found.messages.includes(message)) found.messages.push(message)
  }
}

const readNames =
  "name message code status statusCode headers responseHeaders responseBody metadata data value error cause lastError errors".split(
    " ",
  )
const knownNames = new Set([...readNames, "stack", "url", "isRetryable", "requestBodyValues"])

/** Own and inherited fields alike: `name`, `message` and `code` are often getters of a prototype. */
function fieldsOf(value: object): Record<string, unknown> {
  return Object.fromEntries(readNames.map((name) => [name, readField(value, name)]))
}

/** Breadth first, so that the outermost status, body and code win. */
function readChain(found: Found, root: object): void {
  const queue: object[] = [root]
  const seen = new Set<object>()
  for (const value of queue) {
    if (seen.has(value) || seen.size >= maxLinks) continue
    seen.add(value)
    const fields = fieldsOf(value)
    readFields(found, fields)
    found.hasMore ||= fieldNamesOf(value).some((name) => !knownNames.has(name))
    for (const key of ["data", "metadata", "error", "lastError", "cause", "errors"]) {
      const next = fields[key]
      if (isList(next)) {
        for (const item of next.slice(0, 5)) if (typeof item === "object" && item !== null) queue.push(item)
      } else if (typeof next === "object" && next !== null) queue.push(next)
      else if (typeof next === "string" && next !== "" && key !== "data") found.messages.push(clipText(next))
    }
    // The AI SDK keeps what it could not validate: the provider's error is in there.
    const unread = fields["value"]
    if (typeof unread === "string") found.body ??= unread
    else if (typeof unread === "object" && unread !== null) found.body ??= snapshot(unread) ?? ""
  }
}

/**
 * From anything thrown (an `Error` with its chain of causes, a `DOMException`, an `AggregateError`, a string), and from
 * `session.error` or an assistant message's `error`: `{ name, data: { message, statusCode?, responseHeaders?,
 * responseBody?, metadata? } }`. Any other value is read as far as it goes.
 */
export function failureFromError(error: unknown): Failure {
  if (typeof error !== "object" || error === null) return { message: String(error) }
  const found: Found = { messages: [] }
  readChain(found, error)
  const { messages, hasMore, ...rest } = found
  // A bare object is the provider's own JSON: let its fields be seen as they are.
  const body = rest.body ?? (hasMore === true && !isError(error) ? snapshot(error) : undefined)
  const said = messages.filter((message) => message !== body)
  return {
    ...rest,
    ...(body !== undefined && { body }),
    ...(said.length > 0 && { message: said.join("\n") }),
  }
}

const fieldLine = /^(?:event|id|retry|:)/

/** What the request said may stand in front of the error. */
function startAndEnd(text: string): string {
  const half = maxBodyChars / 2
  return text.length <= maxBodyChars ? text : `${text.slice(0, half)}\n${text.slice(-half)}`
}

/** From an error frame in a stream: its JSON, or whole lines of Server-Sent Events around it. */
export function failureFromFrame(text: string): Failure {
  if (!/^(?:event|data|id):/.test(text)) return { body: text }
  const lines = startAndEnd(text).split(/\r?\n/)
  const data = lines
    .filter((line) => !fieldLine.test(line))
    .map((line) => (line.startsWith("data:") ? line.slice("data:".length).trimStart() : line))
  return { body: data.join("\n") }
}
