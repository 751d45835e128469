import { expect, test } from "bun:test"
import type { ContextMessage } from "../../../../../src/opencode/v2/host/context.ts"
import { dropProviderCalls } from "../../../../../src/opencode/v2/requests/provider-calls.ts"

test("calls that a provider has run itself are dropped with their results, and messages of nothing else", () => {
  const said = { type: "text", text: "It says so." }
  const ours = { type: "tool-call", name: "shell" }
  const search = { type: "tool-call", name: "web_search", providerExecuted: true }
  const found = { type: "tool-result", name: "web_search", providerExecuted: true }
  const untouched: ContextMessage[] = [{ content: [] }, {}, { content: [ours] }]
  const messages: ContextMessage[] = [
    { content: [search, found, said] },
    { content: [search, found] },
    ...untouched,
  ]
  dropProviderCalls({ messages })
  expect(messages).toEqual([{ content: [said] }, ...untouched])
  dropProviderCalls({})
})
