import { describe, expect, test } from "bun:test"
import { readModelsOutput } from "../../../../src/cli/opencode/read-models-output.ts"
import type { Catalog } from "../../../../src/core/catalog.ts"
import { readCatalog } from "../../../../src/opencode/v2/host/read-catalog.ts"

const description = (more: object): string =>
  JSON.stringify(
    {
      id: "x",
      capabilities: { toolcall: true, input: { image: false, pdf: true } },
      limit: { context: 1_000 },
      ...more,
    },
    undefined,
    2,
  )

function read(output: string): Catalog {
  const catalog = readModelsOutput(output)
  if (catalog === "cut") throw new Error("cut")
  return catalog
}

const plain = {
  images: false,
  pdf: true,
  toolCalls: true,
  contextTokens: 1_000,
  compactsAt: 0,
  compactsWithoutEnd: true as const,
}

describe("readModelsOutput", () => {
  test("reads names and descriptions in turn, as `opencode models --verbose` prints them", () => {
    const output = `alpha/one\n${description({ family: "f", release_date: "2026-01-02", status: "deprecated" })}\nopenrouter/meta/llama:free\n${description({})}\n`
    const catalog = read(output)
    expect(catalog).toMatchObject({ known: true, providers: new Set(["alpha", "openrouter"]) })
    expect(catalog.known && Object.fromEntries(catalog.models)).toEqual({
      "alpha/one": {
        ...plain,
        family: "f",
        isDeprecated: true,
        releaseDate: "2026-01-02",
      },
      "openrouter/meta/llama:free": plain,
    })
  })

  test.each([
    ["names alone", "alpha/one\nbeta/two\n", 2],
    ["Windows line ends", `alpha/one\r\n${description({}).replaceAll("\n", "\r\n")}\r\n`, 1],
    ["a description that is no JSON", "alpha/one\n{\n  nonsense\n}\n", 1],
    ["lines that are no models", "Warning: a notice\n\nalpha/one\n", 1],
  ])("reads %s", (_title, output, count) => {
    const catalog = read(output)
    expect(catalog.known && catalog.models.size).toBe(count)
  })

  test("what OpenCode 2 says of a model means the same", () => {
    const catalog = readCatalog({
      data: [
        {
          providerID: "alpha",
          id: "one",
          name: "One",
          family: "f",
          status: "deprecated",
          time: { released: Date.parse("2026-01-02") },
          capabilities: { tools: false, input: ["text", "pdf"] },
          variants: [{ id: "high" }],
          limit: { context: 1_000 },
          cost: [{ input: 0, output: 0 }],
        },
        { providerID: "alpha", id: "off", enabled: false },
      ],
    })
    expect(catalog.known && Object.fromEntries(catalog.models)).toEqual({
      "alpha/one": {
        name: "One",
        family: "f",
        isDeprecated: true,
        releaseDate: "2026-01-02",
        variants: ["high"],
        images: false,
        pdf: true,
        toolCalls: false,
        contextTokens: 1_000,
        compactsAt: 0,
        isPaidByToken: false,
      },
    })
  })

  test.each([
    [{ context: 60_000, output: 8_000 }, 40_000],
    [{ context: 60_000, output: 64_000 }, 28_000],
    [{ context: 400_000, input: 272_000, output: 128_000 }, 252_000],
    [{ context: 0 }, undefined],
  ])("where OpenCode 2 compacts: %o", (limit, tokens) => {
    const catalog = readCatalog({ data: [{ providerID: "alpha", id: "one", limit }] })
    expect(catalog.known && catalog.models.get("alpha/one")?.compactsAt).toBe(tokens as never)
  })

  test("an empty name is none", () => {
    const catalog = readCatalog({ data: [{ providerID: "alpha", id: "one", name: "" }] })
    expect(catalog.known && catalog.models.get("alpha/one")).not.toHaveProperty("name")
  })

  test("an answer without models is no answer", () => {
    expect(read("")).toEqual({ known: false })
  })

  const whole = `alpha/one\n${description({})}\nbeta/two\n${description({})}\n`
  test.each([
    ["in the middle of a description", whole.slice(0, -12)],
    ["behind a name", whole.slice(0, whole.indexOf("beta/two") + 9)],
  ])("an answer that is cut %s is noticed", (_, output) => {
    expect(readModelsOutput(output)).toBe("cut")
  })
})
