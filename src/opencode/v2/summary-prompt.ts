import { conversationText } from "./conversation-text.ts"

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

/** What a model is asked that gives the summary of a session outside of it. */
export function summaryPrompt(messages: readonly unknown[]): string {
  return `${conversationText(messages)}\n\n[user]\n${request}`
}
