import { expect, test } from "bun:test"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { suggestModel } from "../../../src/core/suggest-model.ts"
import { catalogOf } from "../catalog-of.ts"

const catalog = catalogOf({
  "anthropic/claude-opus-4-5": { releaseDate: "2025-11-24" },
  "anthropic/claude-opus-5": { releaseDate: "2026-05-01" },
  "anthropic/claude-sonnet-4-5": { releaseDate: "2025-09-29" },
  "openai/gpt-5.2": { releaseDate: "2025-12-11" },
  "openai/gpt-5.6": { releaseDate: "2026-08-01" },
  "openai/gpt-6-luna": { releaseDate: "2026-10-01" },
  "openrouter/openai/gpt-5.2": {},
  "openai/gpt-5.2-pro": { releaseDate: "2025-12-11" },
  "azure/gpt-5.2-pro": {},
  "github-copilot/grok-code": {},
  "google/gemini-2.5-pro": { releaseDate: "2025-06-17" },
  "google/gemini-3-flash-preview": { releaseDate: "2025-12-17" },
  "google/gemini-3-pro-image": { releaseDate: "2025-11-20" },
  "google/gemini-3.1-pro-preview": { releaseDate: "2026-02-19" },
  "google/gemini-3.8-flash": { releaseDate: "2026-11-01" },
})

test.each<[string, string, string | undefined]>([
  ["a slip in the provider", "antropic/claude-opus-4-5", "anthropic/claude-opus-4-5"],
  ["another sign between the figures", "anthropic/claude-opus-4.5", "anthropic/claude-opus-4-5"],
  ["capitals", "OpenAI/GPT-5.2", "openai/gpt-5.2"],
  ["a sign too few", "openai/gpt5.2", "openai/gpt-5.2"],
  ["no sign between the figures", "openai/gpt-52", "openai/gpt-5.2"],
  ["letters that changed places", "openai/gtp-5.2", "openai/gpt-5.2"],
  ["the same model at another provider", "xai/grok-code", "github-copilot/grok-code"],
  ["the family and version, not the nearest letters", "google/gemini-3-pro", "google/gemini-3.1-pro-preview"],
  ["the version written before a newer one", "google/gemini-3-flash", "google/gemini-3-flash-preview"],
  ["the newest of the family for a version that is not there", "openai/gpt-9", "openai/gpt-5.6"],
  [
    "one of the same major version before a newer one",
    "anthropic/claude-opus-4-9",
    "anthropic/claude-opus-4-5",
  ],
  ["the newest of a family of two words", "anthropic/claude-opus-7", "anthropic/claude-opus-5"],
  ["nothing of a family that only another provider has", "anthropic/gpt-9-turbo", undefined],
  ["nothing of a family that another provider spells otherwise", "azure/gemini-9", undefined],
  ["the only provider of a name that stands alone", "claude-opus-4-5", "anthropic/claude-opus-4-5"],
  ["nothing for a name alone that nobody has", "large", undefined],
  ["nothing for a name alone that two have", "gpt-5.2-pro", undefined],
  ["a name alone in capitals", " GPT-5.6 ", "openai/gpt-5.6"],
  ["nothing for a provider that is not there", "mistral/large", undefined],
  ["any model of a provider", "antropic/*", "anthropic/*"],
  ["but not of one that is not there", "mistral/*", undefined],
  ["the same model at another provider in capitals", "mistral/GROK-CODE", "github-copilot/grok-code"],
  ["nothing for figures alone", "google/9", undefined],
])("%s: %s", (_, written, suggestion) => {
  expect(suggestModel(written, catalog)).toBe(suggestion as ModelKey)
})
