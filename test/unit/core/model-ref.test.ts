import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { modelKey, modelRef, parseModelKey, providerOf, sameModel } from "../../../src/core/model-ref.ts"

describe("reading a model's name", () => {
  test.each([
    ["openai/gpt-5.2", "openai/gpt-5.2"],
    ["  openai/gpt-5.2\n", "openai/gpt-5.2"],
    ["openrouter/meta/llama-3:free", "openrouter/meta/llama-3:free"],
    ["ollama/qwen3:8b", "ollama/qwen3:8b"],
    ["gpt-5.2", undefined],
    ["/gpt-5.2", undefined],
    ["openai/", undefined],
    ["", undefined],
    ["/", undefined],
    ["open ai/gpt", undefined],
    ["openai/gpt 5", undefined],
  ])("%p is %p", (text, key) => {
    expect(parseModelKey(text) as string | undefined).toBe(key)
  })

  test("only the first slash divides", () => {
    expect(modelRef("openrouter/meta/llama-3:free")).toEqual({
      providerID: "openrouter",
      modelID: "meta/llama-3:free",
    })
    expect(providerOf("openrouter/meta/llama-3:free")).toBe("openrouter")
  })

  test("a name survives the way there and back", () => {
    const part = fc.stringMatching(/^[a-z0-9:._-]+$/)
    const id = fc.stringMatching(/^[a-z0-9:._/-]+$/)
    fc.assert(
      fc.property(part, id, (providerID, modelID) => {
        expect(modelRef(modelKey({ providerID, modelID }))).toEqual({ providerID, modelID })
      }),
    )
  })

  test.each([
    ["openai/gpt-5.2", "OpenAI/GPT-5.2", true],
    ["openai/gpt-5.2", "openai/gpt-5", false],
    ["openai/gpt-5.2", "azure/gpt-5.2", false],
  ] as const)("%s and %s are the same: %p", (a, b, same) => {
    expect(sameModel(a, b)).toBe(same)
  })
})
