import { clipText } from "./clip-text.ts"

const maxNodes = 2000
const maxDepth = 14
/** What the request said: it may be megabytes, and it is no evidence. */
const requestKeys = new Set(
  "input messages prompt request requestBody requestBodyValues stack tools system contents".split(" "),
)

type Draft = { nodesLeft: number; readonly above: Set<object> }

/** Even to ask a foreign object what it is may throw: getters do, and revoked proxies. */
function attempt<Value>(ask: () => Value, otherwise: Value): Value {
  try {
    return ask()
  } catch {
    return otherwise
  }
}

/** A field as it is read; a getter that throws loses itself only. */
export function readField(value: object, name: string): unknown {
  return attempt(() => Reflect.get(value, name), undefined)
}

export function fieldNamesOf(value: object): readonly string[] {
  return attempt(() => Object.keys(value).slice(0, 200), [])
}

export function isList(value: unknown): value is readonly unknown[] {
  return attempt(() => Array.isArray(value), false)
}

export function isHeaders(value: object): value is Headers {
  return attempt(() => value instanceof Headers, false)
}

export function isError(value: object): value is Error {
  return attempt(() => value instanceof Error, false)
}

function copy(value: unknown, draft: Draft): unknown {
  draft.nodesLeft -= 1
  if (typeof value === "string") return clipText(value)
  if (typeof value === "bigint") return String(value)
  // JSON would call a method named `toJSON`.
  if (typeof value === "function") return undefined
  if (typeof value !== "object" || value === null) return value
  if (draft.nodesLeft <= 0 || draft.above.size >= maxDepth || draft.above.has(value)) return undefined
  draft.above.add(value)
  const names = fieldNamesOf(value).filter((name) => !requestKeys.has(name))
  const copied = isList(value)
    ? names.slice(0, 50).map((name) => copy(readField(value, name), draft))
    : Object.fromEntries(names.map((name) => [name, copy(readField(value, name), draft)]))
  draft.above.delete(value)
  return copied
}

/**
 * JSON of the part of an error that says what is wrong: long texts are clipped, what the request said is left
 * out, circles and fields that cannot be read are skipped. Its size and time are bounded, whatever hangs on the
 * object.
 */
export function snapshot(value: object): string | undefined {
  return JSON.stringify(copy(value, { nodesLeft: maxNodes, above: new Set() }))
}
