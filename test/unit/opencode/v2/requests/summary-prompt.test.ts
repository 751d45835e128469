import { expect, test } from "bun:test"
import { summaryPrompt } from "../../../../../src/opencode/v2/requests/summary-prompt.ts"

test("a conversation as one prompt, with the request for its summary behind it", () => {
  const long = "x".repeat(3_000)
  const messages = [
    { role: "system", content: "rules" },
    { role: "user", content: [{ type: "text", text: "one" }, "two", { type: "file", url: "data:" }] },
    { role: "assistant", content: [{ type: "tool-call", input: { a: 1 } }] },
    { role: "tool", content: [{ type: "tool-result", output: long }] },
    { content: "of nobody" },
    { role: "user", content: [] },
    { role: "user" },
    "nothing",
  ]
  const parts = summaryPrompt(messages).split("\n\n")
  expect(parts.slice(0, 3)).toEqual([
    "[system]\nrules",
    "[user]\none\ntwo",
    '[assistant]\n{"type":"tool-call","input":{"a":1}}',
  ])
  expect(parts[3]).toHaveLength("[tool]\n".length + 2_000)
  expect(parts[4]).toBe("[user]\nof nobody")
  expect(parts[5]).toStartWith("[user]\nSummarize the conversation above")
})
