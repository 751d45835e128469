import { describe, expect, test } from "bun:test"
import { proposeChain } from "../../../../src/cli/init/propose-chain.ts"
import type { CatalogModel } from "../../../../src/core/catalog.ts"
import type { ModelKey } from "../../../../src/core/model-ref.ts"
import { catalogOf } from "../../catalog-of.ts"

describe("proposeChain", () => {
  const model = (key: string, more: Partial<CatalogModel> = {}) => [key, more] as const
  const propose = (
    models: readonly ReturnType<typeof model>[],
    primary: ModelKey | undefined,
    used: readonly ModelKey[] = [],
    keyless: readonly string[] = [],
  ) =>
    proposeChain({
      catalog: catalogOf(Object.fromEntries(models)),
      primary,
      used,
      keyless,
      now: Date.parse("2026-11-21T07:00:00Z"),
    })

  test("nothing of a provider without a key", () => {
    expect(propose([model("a/1"), model("b/1")], undefined, [], ["a"])).toEqual(["b/1"])
  })

  test.each([
    [
      "the same model elsewhere comes first",
      ["anthropic/claude-opus-4-5", "openai/gpt-9", "bedrock/anthropic.claude-opus-4-5-20251101-v1:0"],
      ["bedrock/*", "openai/gpt-9"],
    ],
    [
      "dots and dashes do not matter",
      ["anthropic/claude-opus-4-5", "a/z", "copilot/claude-opus-4.5"],
      ["copilot/*", "a/z"],
    ],
    [
      "one model of each other provider",
      ["anthropic/claude-opus-4-5", "anthropic/x", "a/one", "a/two", "b/one"],
      ["a/one", "b/one"],
    ],
    [
      "with one provider its own other models",
      ["anthropic/claude-opus-4-5", "anthropic/haiku"],
      ["anthropic/haiku"],
    ],
    ["nothing, when there is nobody else", ["anthropic/claude-opus-4-5"], []],
    ["at most three", ["a/1", "b/1", "c/1", "d/1"], ["a/1", "b/1", "c/1"]],
  ])("%s", (_title, keys, chain) => {
    expect(
      propose(
        keys.map((key) => model(key)),
        "anthropic/claude-opus-4-5",
      ),
    ).toEqual(chain as ModelKey[])
  })

  test("a model in use is better than a newer one, a newer one better than an older", () => {
    const models = [
      model("a/old", { releaseDate: "2024-01-01" }),
      model("a/new", { releaseDate: "2026-01-01" }),
      model("b/used"),
      model("b/new", { releaseDate: "2026-02-02" }),
    ]
    expect(propose(models, "x/y", ["b/used"])).toEqual(["b/used", "a/new"])
  })

  test("one of the last 90 days, which an older OpenCode may not know, or one named -latest, only where a provider has no other", () => {
    const models = [
      model("a/of-90-days", { releaseDate: "2026-08-22" }),
      model("a/of-89-days", { releaseDate: "2026-08-25" }),
      model("a/older", { releaseDate: "2026-08-21" }),
      model("a/alias-latest", { releaseDate: "2026-08-22" }),
      model("b/brand-new", { releaseDate: "2026-11-20" }),
    ]
    expect(propose(models, "x/y")).toEqual(["a/of-90-days", "b/brand-new"])
  })

  test("never one that cannot call tools or is deprecated", () => {
    const models = [
      model("a/deaf", { toolCalls: false }),
      model("b/old", { isDeprecated: true }),
      model("c/fine"),
    ]
    expect(propose(models, undefined)).toEqual(["c/fine"])
  })

  test("OpenCode's own free models only where they are in use, or there is nothing else", () => {
    const free = model("opencode/free")
    const paid = model("a/paid")
    expect(propose([free, paid], "x/y")).toEqual(["a/paid"])
    expect(propose([free, paid], "x/y", ["opencode/free"])).toEqual(["opencode/free", "a/paid"])
    expect(propose([free], undefined)).toEqual(["opencode/free"])
  })

  test("nothing while OpenCode does not say what is connected", () => {
    expect(
      proposeChain({ catalog: { known: false }, primary: undefined, used: [], keyless: [], now: 0 }),
    ).toEqual([])
  })
})
