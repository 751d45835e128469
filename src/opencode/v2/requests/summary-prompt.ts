import { field, text } from "../../../core/json-object.ts"

/**
 * OpenCode puts its own request behind the messages only after the `compaction` hook. The headings are those that it
 * looks for in a summary (2.0.15).
 */
const request = `Summarize the conversation above, so that somebody else can go on with the work from your summary alone. Keep what the user wants and has decided, what is done and what is open, and the exact names of files, commands and errors. Do not go on with the work yourself. Answer with nothing but the summary, under these headings:

## Objective
## Requirements
## Decisions
## Work State
### Completed
### Active
### Blocked
## Next Move
## Relevant Files
## Important Context`

/** Characters of one tool call or result: OpenCode itself keeps no more of them in a compaction. */
const longestPart = 2_000

/** What a model is asked that gives the summary of a session outside of it. */
export function summaryPrompt(messages: readonly unknown[]): string {
  return `${conversationText(messages)}\n\n[user]\n${request}`
}

/** A conversation as one text. */
function conversationText(messages: readonly unknown[]): string {
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
