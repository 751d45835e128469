import { describe, expect, test } from "bun:test"
import { type ListedModels, readModelList } from "../../../../src/cli/opencode/listed-models.ts"
import { readModelsOutput } from "../../../../src/cli/opencode/read-models-output.ts"

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

function read(output: string): ListedModels {
  const listed = readModelsOutput(output)
  if (listed === "cut") throw new Error("cut")
  return listed
}

describe("readModelsOutput", () => {
  test("reads names and descriptions in turn, as `opencode models --verbose` prints them", () => {
    const output = `alpha/one\n${description({ family: "f", release_date: "2026-01-02", status: "active" })}\nopenrouter/meta/llama:free\n${description({})}\n`
    const { catalog, models } = read(output)
    expect(catalog).toMatchObject({ known: true, providers: new Set(["alpha", "openrouter"]) })
    expect(catalog.known && catalog.models.get("alpha/one")).toEqual({
      images: false,
      pdf: true,
      toolCalls: true,
      contextTokens: 1_000,
      releaseDate: "2026-01-02",
    })
    expect(models).toEqual([
      { key: "alpha/one", family: "f", status: "active", npm: undefined },
      {
        key: "openrouter/meta/llama:free",
        family: undefined,
        status: undefined,
        npm: undefined,
      },
    ])
  })

  test.each([
    ["names alone", "alpha/one\nbeta/two\n", 2],
    ["Windows line ends", `alpha/one\r\n${description({}).replaceAll("\n", "\r\n")}\r\n`, 1],
    ["a description that is no JSON", "alpha/one\n{\n  nonsense\n}\n", 1],
    ["lines that are no models", "Warning: a notice\n\nalpha/one\n", 1],
  ])("reads %s", (_title, output, count) => {
    expect(read(output).models).toHaveLength(count)
  })

  test("what OpenCode 2 says of a model means the same", () => {
    const { catalog } = readModelList({
      data: [
        {
          providerID: "alpha",
          id: "one",
          name: "One",
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
        releaseDate: "2026-01-02",
        variants: ["high"],
        images: false,
        pdf: true,
        toolCalls: false,
        contextTokens: 1_000,
        isPaidByToken: false,
      },
    })
  })

  test("an answer without models is no answer", () => {
    expect(read("").catalog).toEqual({ known: false })
  })

  const whole = `alpha/one\n${description({})}\nbeta/two\n${description({})}\n`
  test.each([
    ["in the middle of a description", whole.slice(0, -12)],
    ["behind a name", whole.slice(0, whole.indexOf("beta/two") + 9)],
  ])("an answer that is cut %s is noticed", (_, output) => {
    expect(readModelsOutput(output)).toBe("cut")
  })
})
