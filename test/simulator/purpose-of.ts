import type { Conversation } from "./protocol/protocol.ts"
import type { Purpose } from "./recorded-request.ts"

/**
 * What OpenCode 2 asks the session's agent for in its last message (2.0.15): a first summary, a later one, and once
 * more where the answer had another form; then what we ask a fallback for in its place. OpenCode 1 has an agent of
 * its own for it.
 */
const asksForSummary =
  /You MUST summarize the conversation|Update the existing checkpoint in the conversation|did not fill in the required summary template|Summarize the conversation above, so that/

export function purposeOf({ system, turns }: Conversation): Purpose {
  if (/you are a title generator/i.test(system)) return "title"
  const asked = turns.at(-1)?.texts.at(-1) ?? ""
  const isCompaction = /summariz|compaction/i.test(system.slice(0, 400)) || asksForSummary.test(asked)
  return isCompaction ? "compaction" : "step"
}
