import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { documents, root } from "./marked-snippets.ts"

/** The models that the pinned OpenCode ships with, one provider a line. */
const shipped = new Map(
  readFileSync(join(root, "test/fixtures/opencode-models.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly provider: string; readonly models: object })
    .map(({ provider, models }) => [provider, new Set(Object.keys(models))] as const),
)

/** `provider/model` in code, where OpenCode knows the provider. */
const written = new RegExp(
  `(?<=["\`\\s,])(${[...shipped.keys()].join("|")})/([\\w@.:-]+(?:/[\\w@.:-]+)?|\\*)(?=["\`,:;)\\s])`,
  "g",
)

function isKnown(name: string): boolean {
  const slash = name.indexOf("/")
  const model = name.slice(slash + 1)
  if (model === "*" || shipped.get(name.slice(0, slash))?.has(model)) return true
  // `anthropic/claude-opus-4.5` is a model of OpenRouter, where it may stand without that provider.
  return [...shipped.values()].some((models) => models.has(name))
}

// Records and measurements tell of their own time.
const pages = documents().filter(
  (page) => !/CHANGELOG|decisions|benchmarks|comparison|host-dependencies|held-out/.test(page),
)

test.each(pages.map((page) => ({ page })))("each model of $page is one that OpenCode knows", ({ page }) => {
  const text = readFileSync(join(root, page), "utf8")
  const unknown = [...text.matchAll(written)]
    .map(([name]) => name.replace(/[.:]$/, ""))
    .filter((name) => !isKnown(name))
  expect(unknown).toEqual([])
})

test("README names some", () => {
  const names = [...readFileSync(join(root, "README.md"), "utf8").matchAll(written)].map(([name]) => name)
  expect(names).toContain("openai/gpt-5.2")
})
