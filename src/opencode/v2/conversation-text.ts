import { field, text } from "../../core/read-field.ts"

/** Characters of one tool call or result: OpenCode itself keeps no more of them in a compaction. */
const longestPart = 2_000

/** A conversation as one prompt, for a model that is asked for its summary outside of the session. */
export function conversationText(messages: readonly unknown[]): string {
  return messages
    .map((message) => {
      const content = field(message, "content")
      const parts: readonly unknown[] = Array.isArray(content) ? content : [content]
      const said = parts.map(partText).filter((part) => part !== "")
      return said.length === 0 ? "" : `[${text(message, "role") ?? "user"}]\n${said.join("\n")}`
    })
    .filter((message) => message !== "")
    .join("\n\n")
}

function partText(part: unknown): string {
  if (typeof part === "string") return part
  const said = text(part, "text")
  if (said !== undefined) return said
  // Calls and results of tools: the model can read them as they are. Files are not text.
  const isTool = text(part, "type")?.startsWith("tool") === true
  return isTool ? (JSON.stringify(part) ?? "").slice(0, longestPart) : ""
}
