import { clipText } from "./clip-text.ts"

const maxNodes = 2000
const maxDepth = 14
/** What the request said: it may be megabytes, and it is no evidence. */
const requestKeys = new Set(
  "input messages prompt request requestBody requestBodyValues stack tools system contents".split(" "),
)

type Draft = { nodesLeft: number; readonly above: Set<object> }

/** A field as it is read; a getter that throws loses itself only. */
export function readField(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name)
  } catch {
    // A throwing getter or a revoked proxy.
    return undefined
  }
}

export function fieldNamesOf(value: object): readonly string[] {
  try {
    return Object.keys(value).slice(0, 200)
  } catch {
    // A revoked proxy.
    return []
  }
}

function copy(value: unknown, draft: Draft): unknown {
  draft.nodesLeft -= 1
  if (typeof value === "string") return clipText(value)
  if (typeof value === "bigint") return String(value)
  if (typeof value !== "object" || value === null) return value
  if (draft.nodesLeft <= 0 || draft.above.size >= maxDepth || draft.above.has(value)) return undefined
  draft.above.add(value)
  const names = fieldNamesOf(value).filter((name) => !requestKeys.has(name))
  const copied = Array.isArray(value)
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
