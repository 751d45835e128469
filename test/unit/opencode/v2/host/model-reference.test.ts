import { describe, expect, test } from "bun:test"
import {
  readReference,
  referenceTo,
  sameReference,
  withKnownVariant,
} from "../../../../../src/opencode/v2/host/model-reference.ts"
import { catalogOf } from "../../../catalog-of.ts"

describe("a model's reference", () => {
  test("to a key, with and without a variant", () => {
    expect(referenceTo("p/m/x", undefined)).toStrictEqual({ id: "m/x", providerID: "p" })
    expect(referenceTo("p/m", "high")).toStrictEqual({ id: "m", providerID: "p", variant: "high" })
  })

  test("goes without a variant that the model does not have", () => {
    const known = catalogOf({ "p/m": { variants: ["low"] } })
    const kept = (variant: string | undefined) => withKnownVariant(referenceTo("p/m", variant), known).variant
    expect([undefined, "low", "default", "max"].map(kept)).toEqual([undefined, "low", "default", undefined])
    expect(withKnownVariant(referenceTo("p/m", "max"), known)).toStrictEqual({ id: "m", providerID: "p" })
  })

  test("as OpenCode or its storage hands it over", () => {
    const read = { id: "m", providerID: "p" }
    expect(readReference({ ...read, more: 1 })).toStrictEqual(read)
    expect(readReference({ ...read, variant: "high" })).toStrictEqual({ ...read, variant: "high" })
    expect(readReference({ ...read, variant: 7 })).toStrictEqual(read)
    for (const value of [
      undefined,
      null,
      "p/m",
      { id: "m" },
      { providerID: "p" },
      { id: 1, providerID: "p" },
    ])
      expect(readReference(value)).toBeUndefined()
  })

  test("is the same with the variant `default` and without one", () => {
    const a = { id: "m", providerID: "p" }
    expect(sameReference(a, { ...a, variant: "default" })).toBe(true)
    expect(sameReference(a, { ...a, variant: "high" })).toBe(false)
    expect(sameReference(a, { ...a, id: "n" })).toBe(false)
    expect(sameReference({ ...a, variant: "high" }, { ...a, variant: "high" })).toBe(true)
  })
})
