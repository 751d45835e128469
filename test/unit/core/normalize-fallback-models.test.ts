import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { parseModelKey } from "../../../src/core/model-ref.ts"
import {
  type FallbackModelsInput,
  normalizeFallbackModels,
} from "../../../src/core/normalize-fallback-models.ts"
import type { FallbackEntry } from "../../../src/core/fallback-entry.ts"

type Row = readonly [title: string, input: FallbackModelsInput | undefined, entries: readonly FallbackEntry[]]

const rows: readonly Row[] = [
  ["nothing is an empty list", undefined, []],
  ["an empty list stays empty", [], []],
  ["one model as a string", "openai/gpt-5.2", [{ model: "openai/gpt-5.2" }]],
  ["one model as an object", { model: "a/b", variant: "high" }, [{ model: "a/b", variant: "high" }]],
  ["the order is kept", ["c/c", "a/a", "b/b"], [{ model: "c/c" }, { model: "a/a" }, { model: "b/b" }]],
  [
    "surrounding space is dropped",
    ["  a/b\n", { model: " c/d ", variant: " low " }],
    [{ model: "a/b" }, { model: "c/d", variant: "low" }],
  ],
  [
    "only the first slash divides",
    "openrouter/meta/llama-3:free",
    [{ model: "openrouter/meta/llama-3:free" }],
  ],
  [
    "a model that is named twice stays: it is the linter's to name",
    ["a/b", "A/b"],
    [{ model: "a/b" }, { model: "A/b" }],
  ],
  [
    "all parameters are carried over, zeros too",
    [{ model: "a/b", variant: "v", temperature: 0, top_p: 0, max_tokens: 1 }],
    [{ model: "a/b", variant: "v", temperature: 0, top_p: 0, max_tokens: 1 }],
  ],
  ["a blank variant is none", [{ model: "a/b", variant: "  " }], [{ model: "a/b" }]],
  [
    "what is no provider/model is dropped",
    ["gpt-5", "", "/x", "x/", "a/b, c/d", { model: "x" }, "e/f"],
    [{ model: "e/f" }],
  ],
]

describe("normalizeFallbackModels", () => {
  test.each(rows.map(([title, input, entries]) => ({ title, input, entries })))(
    "$title",
    ({ input, entries }) => {
      expect(normalizeFallbackModels(input)).toEqual([...entries])
    },
  )

  test("leaves no absent parameter behind as undefined", () => {
    expect(Object.keys(normalizeFallbackModels("a/b")[0] ?? {})).toEqual(["model"])
  })

  test("gives the same list when its result is read again", () => {
    const models = fc.oneof(
      fc.constantFrom("a/b", "A/b", " c/d ", "e"),
      fc.record({ model: fc.constantFrom("a/b", "c/d"), variant: fc.string() }),
    )
    fc.assert(
      fc.property(fc.array(models), (input) => {
        const once = normalizeFallbackModels(input)
        expect(normalizeFallbackModels(once)).toEqual(once)
        expect(once.every((entry) => parseModelKey(entry.model) === entry.model)).toBe(true)
      }),
    )
  })
})
