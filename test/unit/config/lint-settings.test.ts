import { describe, expect, test } from "bun:test"
import { lintFindings } from "../../../src/config/lint-settings.ts"
import { type SettingsInput, settingsSchema } from "../../../src/config/schema.ts"
import { pathText } from "../../../src/config/settings-problem.ts"

const rows: readonly (readonly [
  title: string,
  input: SettingsInput,
  findings: readonly (readonly [path: string, found: string])[],
])[] = [
  ["the defaults are quiet", {}, []],
  [
    "a model that follows itself",
    { models: { "a/b": { fallback_models: ["A/B"] } } },
    [['models["a/b"].fallback_models', "a model that follows itself: a/b"]],
  ],
  [
    "a circle of two, with the whole path, once",
    { models: { "a/a": { fallback_models: ["b/b"] }, "b/b": { fallback_models: ["x/x", "a/a"] } } },
    [['models["a/a"].fallback_models', "a cycle: a/a -> b/b -> a/a"]],
  ],
  [
    "a circle that does not lead back to where it is entered",
    {
      models: {
        "in/in": { fallback_models: ["a/a"] },
        "a/a": { fallback_models: ["b/b"] },
        "b/b": { fallback_models: ["c/c"] },
        "c/c": { fallback_models: ["a/a"] },
      },
    },
    [['models["a/a"].fallback_models', "a cycle: a/a -> b/b -> c/c -> a/a"]],
  ],
  [
    "two ways to the same model are no circle",
    { models: { "a/a": { fallback_models: ["b/b", "c/c"] }, "b/b": { fallback_models: ["c/c"] } } },
    [],
  ],
  [
    "a model twice with other parameters: only the first counts",
    {
      agents: {
        build: {
          fallback_models: [{ model: "a/b", variant: "high" }, "c/d", { model: "A/b", variant: "low" }],
        },
      },
    },
    [["agents.build.fallback_models", "A/b more than once"]],
  ],
  [
    "a model twice in the global list",
    { fallback_models: ["a/b", { model: "a/b", top_p: 1 }] },
    [["fallback_models", "a/b more than once"]],
  ],
  [
    "an agent's category that does not exist",
    { agents: { build: { category: "deap" } }, categories: { deep: { model: "a/b" } } },
    [["agents.build.category", '"deap"']],
  ],
  ["a category may do without models", { categories: { deep: { prompt_append: "x" } } }, []],
  [
    "a cooldown longer than the longest",
    { runtime_fallback: { cooldown_seconds: 100, max_cooldown_seconds: 10 } },
    [["runtime_fallback.cooldown_seconds", "100"]],
  ],
]

describe("lintFindings", () => {
  test.each(rows.map(([title, input, findings]) => ({ title, input, findings })))(
    "$title",
    ({ input, findings }) => {
      const found = lintFindings(settingsSchema.parse(input))
      expect(found.map((finding) => [pathText(finding.path), finding.found])).toEqual(
        findings.map(([path, text]) => [path, text]),
      )
    },
  )

  test("follows a very long line of links to its end", () => {
    const models = Object.fromEntries(
      Array.from({ length: 2000 }, (_, index) => [
        `p/${index}`,
        { fallback_models: [`p/${(index + 1) % 2000}`] },
      ]),
    )
    expect(lintFindings(settingsSchema.parse({ models }))).toHaveLength(1)
  })
})
