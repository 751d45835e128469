import { expect, test, describe } from "bun:test"
import type { ModelKey } from "../../../../src/core/model-ref.ts"
import { createPanelNames, openOnce, serverOptions } from "../../../../src/tui/v1/panels.ts"

test("a store that could not be opened is tried again with the next panel, and then kept", async () => {
  const outcomes = [() => Promise.reject(new Error("locked")), () => Promise.resolve("open")]
  const { get, current } = openOnce(() => outcomes.shift()?.() ?? Promise.reject(new Error("opened twice")))
  expect(await current()).toBeUndefined()
  const both = await Promise.allSettled([get(), get(), current()])
  expect(both).toMatchObject([{ status: "rejected" }, { status: "rejected" }, { value: undefined }])
  expect(await current()).toBeUndefined()
  expect([await get(), await get(), await current()]).toEqual(["open", "open", "open"])
})

const options = { runtime_fallback: { store: "memory" } }

describe("our options in OpenCode's configuration", () => {
  const rows: readonly (readonly [title: string, plugin: readonly unknown[] | undefined, found: unknown])[] =
    [
      ["without plugins", undefined, undefined],
      ["by name, without options", ["opencode-understudy"], undefined],
      ["by name", ["other", ["opencode-understudy", options]], options],
      ["with a version", [["opencode-understudy@1.2.3", options]], options],
      ["by path", [["file:///home/me/opencode-understudy", options]], options],
      ["of another plugin", [["opencode-other", { store: "redis://" }]], undefined],
      ["of a shape that OpenCode does not know", [[7, options], [], null], undefined],
    ]
  test.each(rows)("%s", (_title, plugin, found) => {
    expect(serverOptions(plugin ? { plugin } : {})).toEqual(found)
  })
})

const providers = [
  { id: "anthropic", models: { "claude-opus-4-5": { name: "Claude Opus 4.5" } } },
  { id: "openrouter", models: { "anthropic/claude-opus-4.5": { name: "Claude Opus 4.5" }, "z/x": {} } },
  { id: "openai", models: { "gpt-5.2": { name: "GPT-5.2" } } },
]

test.each<[ModelKey, string]>([
  ["openai/gpt-5.2", "GPT-5.2"],
  ["anthropic/claude-opus-4-5", "Claude Opus 4.5 (anthropic)"],
  ["openrouter/z/x", "z/x"],
  ["ollama/qwen3:32b", "qwen3:32b"],
])("%s is %s", (model, name) => {
  expect(createPanelNames(() => providers)(model)).toBe(name)
})

test("a list that OpenCode has read anew counts", () => {
  let now: readonly unknown[] = []
  const nameOf = createPanelNames(() => now)
  expect(nameOf("openai/gpt-5.2")).toBe("gpt-5.2")
  now = providers
  expect(nameOf("openai/gpt-5.2")).toBe("GPT-5.2")
})
