import { expect, test } from "bun:test"
import type { Catalog } from "../../../src/core/catalog.ts"
import { modelName } from "../../../src/core/model-name.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { catalogOf } from "../catalog-of.ts"

const catalog = catalogOf({
  "anthropic/claude-opus-4-5": { name: "Claude Opus 4.5" },
  "amazon-bedrock/claude-opus-4-5": { name: "Claude Opus 4.5" },
  "anthropic/claude-haiku-4-5": { name: "Claude Haiku 4.5 (latest)" },
  "openai/gpt-5.2": { name: "GPT-5.2" },
  "openai/gpt-5.2-2025-12-11": { name: "GPT-5.2" },
  "local/qwen": {},
})

test.each<[string, Catalog, ModelKey, string]>([
  ["as OpenCode shows it", catalog, "openai/gpt-5.2", "GPT-5.2"],
  [
    "with its provider where the name alone says too little",
    catalog,
    "anthropic/claude-opus-4-5",
    "Claude Opus 4.5 (anthropic)",
  ],
  ["without the mark of an id that has no date", catalog, "anthropic/claude-haiku-4-5", "Claude Haiku 4.5"],
  ["by its key when OpenCode has no name for it", catalog, "local/qwen", "local/qwen"],
  ["by its key when OpenCode does not know it", catalog, "openai/gpt-9", "openai/gpt-9"],
  ["by its key when nothing is known", { known: false }, "openai/gpt-5.2", "openai/gpt-5.2"],
])("a model is named %s", (_, given, key, expected) => {
  expect(modelName(given, key)).toBe(expected)
})
