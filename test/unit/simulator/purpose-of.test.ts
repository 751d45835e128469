import { expect, test } from "bun:test"
import { purposeOf } from "../../simulator/purpose-of.ts"

const agent = "You are an AI agent running in OpenCode"

test.each([
  ["step", agent, "please summarize the conversation"],
  ["title", "You are a title generator. You output ONLY a thread title.", "hello"],
  ["compaction", "You are a helpful AI assistant tasked with summarizing conversations.", "hello"],
  ["compaction", agent, "You MUST summarize the conversation above."],
  [
    "compaction",
    agent,
    "Update the existing checkpoint in the conversation above into one consolidated summary.\n\nNewer history …",
  ],
  ["compaction", agent, "The previous response did not fill in the required summary template. Do not …"],
  ["compaction", agent, "[user]\nhello\n\n[user]\nSummarize the conversation above, so that somebody else …"],
] as const)("%s: %s | %s", (purpose, system, asked) => {
  const last = {
    role: "user",
    texts: ["an old prompt", asked],
    attachments: 0,
    toolCalls: [],
    toolResults: [],
  } as const
  expect(purposeOf({ system, turns: [last], tools: [] })).toBe(purpose)
})
