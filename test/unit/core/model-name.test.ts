import { expect, test } from "bun:test"
import type { Catalog, CatalogModel } from "../../../src/core/catalog.ts"
import { modelName } from "../../../src/core/model-name.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"

const able: CatalogModel = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }
const catalog: Catalog = {
  known: true,
  providers: new Set(["anthropic", "amazon-bedrock", "openai", "local"]),
  models: new Map<ModelKey, CatalogModel>([
    ["anthropic/claude-opus-4-5", { ...able, name: "Claude Opus 4.5" }],
    ["amazon-bedrock/claude-opus-4-5", { ...able, name: "Claude Opus 4.5" }],
    ["anthropic/claude-haiku-4-5", { ...able, name: "Claude Haiku 4.5 (latest)" }],
    ["openai/gpt-5.2", { ...able, name: "GPT-5.2" }],
    ["openai/gpt-5.2-2025-12-11", { ...able, name: "GPT-5.2" }],
    ["local/qwen", able],
  ]),
}

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
