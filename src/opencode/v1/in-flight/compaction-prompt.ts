import { parseJsonText } from "../../../core/json-object.ts"

/** OpenCode asks for the summary in one text that holds the conversation (1.18.22 to 1.18.34): the longest by far. */
export function compactionPrompt(body: unknown): string | undefined {
  if (typeof body !== "string") return undefined
  const longest = textsIn(parseJsonText(body)).reduce((a, b) => (b.length > a.length ? b : a), "")
  return longest.length * 2 > body.length ? longest : undefined
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value]
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : []
}
