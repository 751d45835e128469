import { expect, test } from "bun:test"
import { settledLists } from "../../../../src/cli/opencode/ask-lists.ts"

const active = { status: "active" }
const free = ["opencode/big-pickle"]
const all = [...free, "anthropic/claude-opus-4-5", "openai/gpt-5.2"]

/** What a server on a busy machine said, one after the other (2.0.15): its models, and the states of its plugins. */
const looks = [
  { models: [], plugins: [] },
  { models: free, plugins: [] },
  { models: free, plugins: [] },
  { models: all, plugins: [active, { status: "loading" }] },
  { models: all, plugins: [active, active] },
]

test("a server that has not read the project yet is asked again, though it says the same twice", async () => {
  let look = 0
  const get = async (path: string): Promise<unknown> => {
    const { models, plugins } = looks[look] ?? { models: all, plugins: [active, active] }
    if (path.includes("/plugin")) return { data: plugins.map((state) => ({ state })) }
    if (path.includes("/agent")) return { data: [{ id: "build" }] }
    return { data: models.map((model) => ({ providerID: model.split("/")[0], id: model.split("/")[1] })) }
  }
  const lists = await settledLists(get, "here", async () => void (look += 1))
  expect(lists.ok && lists.value.models.known && [...lists.value.models.models.keys()]).toEqual([
    "opencode/big-pickle",
    "anthropic/claude-opus-4-5",
    "openai/gpt-5.2",
  ])
})
