import { expect, test } from "bun:test"
import * as fc from "fast-check"
import { addProhibitions } from "../../../src/config/add-prohibitions.ts"
import { forbiddenBy } from "../../../src/config/policy.ts"
import { defaultSettings } from "../../../src/config/schema.ts"

const models = ["a/x", "a/xy", "A/X", "a/yx", "b/x"] as const
const patterns = ["*", "a*", "a/*", "a/x", "a/x*", "A/XY", "a/xy*", "b/*", "b/x", "*x", "a/x**"]
const lists = fc.option(fc.array(fc.constantFrom(...patterns), { maxLength: 4 }), { nil: undefined })

test("what two lists allow is what each of them allows", () => {
  const allowing = (allow_models: readonly string[] | undefined) => ({
    ...defaultSettings(),
    ...(allow_models && { allow_models }),
  })
  fc.assert(
    fc.property(lists, lists, (one, other) => {
      const both = addProhibitions(allowing(one), allowing(other))
      for (const model of models) {
        const isForbidden = [one, other].some((list) => forbiddenBy(allowing(list), model) !== undefined)
        expect(forbiddenBy(both, model) !== undefined).toBe(isForbidden)
      }
    }),
    { numRuns: 500 },
  )
})
