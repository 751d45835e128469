import { expect, test } from "bun:test"
import type { ContextMessage } from "../../../../../src/opencode/v2/host/context.ts"
import { dropProviderCalls, shortenCallIDs } from "../../../../../src/opencode/v2/requests/foreign-calls.ts"

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

test("a call whose id not every provider takes has another one, and its result the same", () => {
  const id = "x".repeat(65)
  const longest = { type: "tool-call", name: "shell", id: "y".repeat(64) }
  const said = { type: "text", text: "It says so.", id }
  const untouched: ContextMessage = { content: [longest, said] }
  const messages: ContextMessage[] = [
    { content: [{ type: "tool-call", name: "shell", id }, longest] },
    { content: [{ type: "tool-result", name: "shell", id }] },
    untouched,
    {},
  ]
  shortenCallIDs({ messages })
  const [[call, other] = [], [result] = []] = messages.map(({ content }) => content)
  expect(String(call?.id)).toMatch(/^[0-9a-f]{32}$/)
  expect([call, result]).toMatchObject([{ name: "shell" }, { name: "shell", id: call?.id }])
  expect(other).toBe(longest)
  expect(messages.slice(2)).toEqual([{ content: [longest, said] }, {}])
  shortenCallIDs({})
})
