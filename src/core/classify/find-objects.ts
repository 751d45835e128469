import { readLooseObject } from "./loose-object.ts"
import { parseJson } from "./parse-json.ts"

const maxObjects = 8

export type FoundObjects = {
  /** In the order of the text. */
  readonly objects: readonly object[]
  /** The text without them: what was said around them. */
  readonly rest: string
}

/** `{\"error\":…` is JSON that was printed as a string once more. */
function unescaped(text: string): string {
  return /^[^{[]*[{[]\s{0,4}\\"/.test(text) ? text.replaceAll('\\"', '"').replaceAll("\\n", "\n") : text
}

/**
 * Takes the objects out of a text: `429 {"error":…}`, `Error code: 400 - {'error': …}`, several in a row.
 *
 * @param text clipped
 */
export function findObjects(text: string): FoundObjects {
  const whole = parseJson(text)
  if (whole !== undefined) return { objects: [whole], rest: "" }
  if (!text.includes("{")) return { objects: [], rest: text }
  const source = unescaped(text)
  const objects: object[] = []
  const rest: string[] = []
  let from = 0
  for (let at = source.indexOf("{"); at >= 0 && objects.length < maxObjects; at = source.indexOf("{", at)) {
    const { object, end } = readLooseObject(source, at)
    if (object !== undefined) {
      objects.push(object)
      rest.push(source.slice(from, at))
      from = end
    }
    at = end
  }
  rest.push(source.slice(from))
  return { objects, rest: rest.join(" ").trim() }
}
