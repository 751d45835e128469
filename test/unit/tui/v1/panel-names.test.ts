import { expect, test } from "bun:test"
import type { ModelKey } from "../../../../src/core/model-ref.ts"
import { panelName } from "../../../../src/tui/panel-model.ts"
import { createPanelNames } from "../../../../src/tui/v1/panel-names.ts"

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

test.each<[string | undefined, string]>([
  [undefined, "claude-opus-4-5"],
  ["anthropic/claude-opus-4-5", "claude-opus-4-5"],
  ["Claude Opus 4.5", "Claude Opus 4.5"],
])("a model that is told as %p is shown as %s", (told, shown) => {
  expect(panelName("anthropic/claude-opus-4-5", told)).toBe(shown)
})

test("a list that OpenCode has read anew counts", () => {
  let now: readonly unknown[] = []
  const nameOf = createPanelNames(() => now)
  expect(nameOf("openai/gpt-5.2")).toBe("gpt-5.2")
  now = providers
  expect(nameOf("openai/gpt-5.2")).toBe("GPT-5.2")
})
