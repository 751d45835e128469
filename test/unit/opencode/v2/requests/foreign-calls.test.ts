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

const model = { id: "1", providerID: "b" }
const sessionID = "s"

test("another model's call whose id not every provider takes has another one, and its result the same", async () => {
  const id = "x".repeat(65)
  const own = `call_1__thought__${"x".repeat(65)}`
  const kept: ContextMessage[] = [own, "of nobody".padEnd(65)].map((id) => ({
    content: [{ type: "tool-call", id }],
  }))
  const history = [
    { type: "user", text: "hello" },
    { type: "assistant", model: { providerID: "a", id: "1" }, content: [{ type: "tool", id }] },
    { type: "assistant", model, content: [{ type: "tool", id: own }] },
    { type: "assistant", content: [{ type: "tool", id: "of nobody".padEnd(65) }] },
  ]
  let asked = 0
  const session = {
    context: () => {
      asked += 1
      return Promise.resolve(history)
    },
  }
  const longest = { type: "tool-call", name: "shell", id: "y".repeat(64) }
  const said = { type: "text", text: "It says so.", id }
  const untouched: ContextMessage = { content: [longest, said] }
  const messages: ContextMessage[] = [
    { content: [{ type: "tool-call", name: "shell", id }, longest] },
    { content: [{ type: "tool-result", name: "shell", id }] },
    untouched,
    {},
    ...structuredClone(kept),
  ]
  await shortenCallIDs({ session }, { sessionID, model, messages })
  const [[call, other] = [], [result] = []] = messages.map(({ content }) => content)
  expect(String(call?.id)).toMatch(/^[0-9a-f]{32}$/)
  expect([call, result]).toMatchObject([{ name: "shell" }, { name: "shell", id: call?.id }])
  expect(other).toBe(longest)
  expect(messages.slice(2)).toEqual([{ content: [longest, said] }, {}, ...kept])
  await shortenCallIDs({ session }, { sessionID, model, messages: [untouched] })
  await shortenCallIDs({ session }, { sessionID, model })
  expect(asked).toBe(1)
})

test("Mistral, which is sent nine letters and digits of an id, has one for each call", async () => {
  const ids = ["toolu_vrtx_01A", "toolu_vrtx_01B", "D681PevKs"]
  const messages: ContextMessage[] = [
    { content: ids.map((id) => ({ type: "tool-call", id })) },
    { content: ids.map((id) => ({ type: "tool-result", id })) },
  ]
  const author = { providerID: "gateway", id: "claude" }
  const history = [{ type: "assistant", model: author, content: ids.map((id) => ({ type: "tool", id })) }]
  const session = { context: () => Promise.resolve(history) }
  const mistral = { providerID: "gateway", id: "mistralai/Devstral-2" }
  await shortenCallIDs({ session }, { sessionID, model: mistral, messages })
  const [calls, results] = messages.map(({ content }) => content?.map(({ id }) => String(id).slice(0, 9)))
  expect(results).toEqual(calls)
  expect(new Set(calls).size).toBe(3)
  expect(calls?.[2]).toBe("D681PevKs")
})
