import { describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { modelIdentity } from "../../../src/core/model-identity.ts"
import { type ModelKey, modelRef, providerOf } from "../../../src/core/model-ref.ts"
import { sameModelElsewhere } from "../../../src/core/same-model-elsewhere.ts"
import { catalogWith } from "../catalog-of.ts"

/** 39 providers of the catalog that OpenCode 1.18.33 ships (`GET /provider`): each model id with its family. */
const shipped = readFileSync(new URL("../../fixtures/opencode-models.jsonl", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { provider: string; models: Readonly<Record<string, string>> })

const families = new Map<ModelKey, string>(
  shipped.flatMap(({ provider, models }) =>
    Object.entries(models).map(([id, family]) => [`${provider}/${id}` as const, family] as const),
  ),
)

const catalog = catalogWith(...families.keys())

describe("the same model at another provider of OpenCode's own catalog", () => {
  test.each<[ModelKey, string, string | undefined]>([
    // Claude: dots, dashes, dates, prefixes.
    ["anthropic/claude-opus-4-5", "openrouter", "anthropic/claude-opus-4.5"],
    ["anthropic/claude-opus-4-5-20251101", "openrouter", "anthropic/claude-opus-4.5"],
    ["openrouter/anthropic/claude-opus-4.5", "anthropic", "claude-opus-4-5-20251101"],
    ["anthropic/claude-opus-4-7", "github-copilot", "claude-opus-4.7"],
    ["github-copilot/claude-opus-4.7", "anthropic", "claude-opus-4-7"],
    ["anthropic/claude-opus-4-5", "amazon-bedrock", "anthropic.claude-opus-4-5-20251101-v1:0"],
    ["anthropic/claude-opus-4-6", "amazon-bedrock", "anthropic.claude-opus-4-6-v1"],
    ["amazon-bedrock/us.anthropic.claude-opus-4-5-20251101-v1:0", "vercel", "anthropic/claude-opus-4.5"],
    ["anthropic/claude-opus-4-5", "google-vertex-anthropic", "claude-opus-4-5@20251101"],
    ["google-vertex-anthropic/claude-opus-4-6@default", "azure", "claude-opus-4-6"],
    ["anthropic/claude-opus-4-5", "databricks", "databricks-claude-opus-4-5"],
    ["anthropic/claude-opus-4-5", "digitalocean", "anthropic-claude-opus-4.5"],
    ["anthropic/claude-opus-4-5", "sap-ai-core", "anthropic--claude-4.5-opus"],
    // Versions, sizes and kinds that differ are other models.
    ["anthropic/claude-opus-4-5", "openai", undefined],
    ["openai/gpt-5.2", "openrouter", "openai/gpt-5.2"],
    ["openai/gpt-5.2", "azure", "gpt-5.2"],
    ["openai/gpt-5.2-codex", "vercel", "openai/gpt-5.2-codex"],
    ["openai/gpt-5.2-pro", "github-copilot", undefined],
    ["openai/gpt-4o", "openrouter", "openai/gpt-4o-2024-11-20"],
    ["openrouter/openai/gpt-4o-2024-08-06", "openai", "gpt-4o-2024-08-06"],
    ["openai/gpt-4o-mini", "azure", "gpt-4o-mini"],
    ["openai/o4-mini", "azure", "o4-mini"],
    ["google/gemini-3-pro-preview", "openrouter", undefined],
    ["google/gemini-3.1-pro-preview", "openrouter", "google/gemini-3.1-pro-preview"],
    ["google/gemini-3.1-pro-preview", "vercel", "google/gemini-3.1-pro-preview"],
    ["google/gemini-2.5-flash", "google-vertex", "gemini-2.5-flash"],
    ["google/gemini-2.5-flash", "openrouter", "google/gemini-2.5-flash"],
    ["google/gemini-2.5-flash-lite", "google-vertex", "gemini-2.5-flash-lite"],
    // Open weights: makers' folders, capitals, "p" for the point.
    ["moonshotai/kimi-k2.5", "fireworks-ai", undefined],
    ["openrouter/z-ai/glm-5.3", "fireworks-ai", "accounts/fireworks/models/glm-5p3"],
    [
      "fireworks-ai/accounts/fireworks/models/deepseek-v4p1-flash",
      "deepinfra",
      "deepseek-ai/DeepSeek-V4.1-Flash",
    ],
    ["zai/glm-4.5", "openrouter", "z-ai/glm-4.5"],
    ["zai/glm-4.5v", "openrouter", "z-ai/glm-4.5v"],
    ["openrouter/openai/gpt-oss-120b", "groq", "openai/gpt-oss-120b"],
    ["groq/openai/gpt-oss-120b", "cerebras", "gpt-oss-120b"],
    ["groq/openai/gpt-oss-120b", "amazon-bedrock", "openai.gpt-oss-120b"],
    // An alias without a version is another model each year.
    ["openrouter/~anthropic/claude-opus-latest", "anthropic", undefined],
  ])("%s at %s is %s", (model, provider, expected) => {
    const found = sameModelElsewhere(model, provider, catalog)
    expect(found && modelRef(found).modelID).toBe(expected)
  })

  test.each<[readonly ModelKey[], string]>([
    [["p/gemini-3-pro-preview", "p/gemini-3-pro"], "gemini-3-pro"],
    [["p/google/gemini-3-pro", "p/gemini-3-pro"], "gemini-3-pro"],
    [["p/ai/gemini-3-pro", "p/gemini-3-pro"], "gemini-3-pro"],
    [["p/google/gemini-3-pro", "p/gemini-3-pro-preview"], "google/gemini-3-pro"],
  ])("of %p it is the one that is no preview, then the shorter name: %s", (models, expected) => {
    for (const order of [models, models.toReversed()]) {
      const found = sameModelElsewhere("google/gemini-3-pro", "p", catalogWith(...order))
      expect(found).toBe(`p/${expected}`)
    }
  })

  test("without a catalog nothing is found", () => {
    expect(sameModelElsewhere("anthropic/claude-opus-4-5", "openrouter", { known: false })).toBeUndefined()
  })
})

/**
 * The catalog's own families, by what they begin with: it is not of one mind about the finer ones, calls some
 * embeddings `text`, and one provider's `gpt-4o-mini` an `o-mini`.
 */
const firstWord = (family: string): string => /^[a-z]*/.exec(family.replace(/^(?:text|o)-.*/, ""))?.[0] ?? ""

test("no two ids are taken for one model that the catalog puts into different families", () => {
  const byName = new Map<string, Set<string>>()
  for (const [key, family] of families) {
    const { name } = modelIdentity(modelRef(key).modelID)
    const words = byName.get(name) ?? new Set()
    byName.set(name, firstWord(family) === "" ? words : words.add(firstWord(family)))
  }
  const mixed = [...byName].flatMap(([name, words]) =>
    words.size > 1 ? [`${name}: ${[...words].join(", ")}`] : [],
  )
  expect(mixed).toEqual([])
})

test("most of what Anthropic, OpenAI and Google make is found at OpenRouter", () => {
  const made = [...families.keys()].filter((key) =>
    ["anthropic", "openai", "google"].includes(providerOf(key)),
  )
  const found = made.filter((key) => sameModelElsewhere(key, "openrouter", catalog) !== undefined)
  expect(found.length / made.length).toBeGreaterThan(0.5)
})

test("`latest` says nothing behind a version, and without one it is another model each year", () => {
  const name = (id: string): string => modelIdentity(id).name
  expect(name("gemini-3-pro-latest")).toBe(name("gemini-3-pro"))
  expect(name("gemini-pro-latest")).not.toBe(name("gemini-pro"))
})
