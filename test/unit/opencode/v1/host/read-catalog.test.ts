import { describe, expect, test } from "bun:test"
import { readCatalog } from "../../../../../src/opencode/v1/host/read-catalog.ts"

describe("the answer of GET /config/providers", () => {
  const full = {
    capabilities: { toolcall: false, input: { text: true, image: false, pdf: false } },
    limit: { context: 200_000, output: 8_000 },
  }
  const rows: readonly (readonly [string, unknown, object])[] = [
    [
      "says what a model can do",
      full,
      { images: false, pdf: false, toolCalls: false, contextTokens: 200_000 },
    ],
    [
      "counts as possible what it does not say",
      {},
      { images: true, pdf: true, toolCalls: true, contextTokens: 0 },
    ],
    ["is read as far as it goes", null, { images: true, pdf: true, toolCalls: true, contextTokens: 0 }],
    ["says which variants it has", { variants: { low: {}, high: {} } }, { variants: ["low", "high"] }],
    ["names its package", { api: { npm: "@ai-sdk/openai" } }, { npm: "@ai-sdk/openai" }],
    ["has a price", { cost: { input: 3, output: 15 } }, { isPaidByToken: true }],
    ["takes less than its window holds", { limit: { context: 400, input: 272 } }, { contextTokens: 272 }],
    ["has an input limit above its window", { limit: { context: 400, input: 900 } }, { contextTokens: 400 }],
    ["says only what it takes", { limit: { context: 0, input: 272 } }, { contextTokens: 272 }],
    ["leaves room for an answer", { limit: { context: 60_000, output: 8_000 } }, { compactsAt: 52_000 }],
    [
      "leaves most of what it takes",
      { limit: { context: 400_000, input: 272_000, output: 128_000 } },
      { compactsAt: 252_000 },
    ],
    [
      "leaves nothing where it does not say how long an answer is",
      { limit: { context: 30_000, output: 0 } },
      { compactsAt: 0, compactsWithoutEnd: true },
    ],
    [
      "leaves nothing where an answer may fill it",
      { limit: { context: 32_000, output: 64_000 } },
      { compactsAt: 0 },
    ],
    ["gives no window when that is 0", { limit: { context: 0 } }, { contextTokens: 0 }],
    ["gives no window when that is negative", { limit: { context: -1 } }, { contextTokens: 0 }],
    ["gives no window when that is no number", { limit: { context: "much" } }, { contextTokens: 0 }],
  ]
  test.each(rows)("%s", (_, model, expected) => {
    const catalog = readCatalog({ providers: [{ id: "a", models: { "x/y:free": model } }] })
    expect(catalog.known && catalog.models.get("a/x/y:free")).toMatchObject(expected)
  })

  const small = { context: 400_000, input: 30_000, output: 8_000 }
  test.each([
    ["as far as its input goes without what is for the answer", {}, 22_000, undefined],
    ["as far as the user's own reserve leaves it", { reserved: 10_000 }, 20_000, undefined],
    ["never where the user has switched that off", { auto: false }, undefined, undefined],
    ["at each step where the user reserves all of it", { reserved: 30_000 }, 0, true],
  ] as const)("OpenCode compacts %s", (_, compaction, at, isEndless) => {
    const answer = { providers: [{ id: "a", models: { one: { limit: small } } }] }
    const catalog = readCatalog(answer, compaction)
    const model = catalog.known ? catalog.models.get("a/one") : undefined
    expect({ at: model?.compactsAt, isEndless: model?.compactsWithoutEnd }).toEqual({ at, isEndless })
  })

  test.each([
    ["is kept", "One", "2026-01-01"],
    ["is none where it is empty", "", ""],
  ])("a model's name and date %s", (_, name, release_date) => {
    const catalog = readCatalog({ providers: [{ id: "a", models: { one: { name, release_date } } }] })
    const model = catalog.known ? catalog.models.get("a/one") : undefined
    const isSaid = name !== ""
    expect([model?.name, model?.releaseDate]).toEqual(isSaid ? [name, release_date] : [undefined, undefined])
    expect(Object.keys(model ?? {}).includes("name")).toBe(isSaid)
  })

  test("a provider whose models are nothing has none", () => {
    const providers = [
      { id: "a", models: null },
      { id: "b", models: { one: {} } },
    ]
    const catalog = readCatalog({ providers })
    expect(catalog.known && [...catalog.models.keys()]).toEqual(["b/one"])
  })

  test("names connected providers, also one without models", () => {
    const catalog = readCatalog({
      providers: [
        { id: "a", models: { one: {} } },
        { id: "b", models: {} },
      ],
    })
    expect(catalog.known && [...catalog.providers]).toEqual(["a", "b"])
  })

  test.each([
    ["without a model", { providers: [{ id: "a", models: {} }] }],
    ["without providers", { providers: [] }],
    ["that is empty", {}],
    ["that is missing", undefined],
    ["whose providers are no list", { providers: "none" }],
    ["whose provider has no name", { providers: [{ models: { one: {} } }] }],
  ])("says nothing when it is one %s", (_, answer) => {
    expect(readCatalog(answer)).toEqual({ known: false })
  })
})
