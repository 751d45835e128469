import { describe, expect, test } from "bun:test"
import { mergeSettings } from "../../../src/config/merge-settings.ts"
import type { JsonObject } from "../../../src/core/json-object.ts"

const rows: readonly (readonly [title: string, lower: JsonObject, higher: JsonObject, merged: JsonObject])[] =
  [
    ["the higher value wins", { a: 1 }, { a: 2 }, { a: 2 }],
    ["what only one of them says stays", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ["false and 0 win as well", { a: true, b: 3 }, { a: false, b: 0 }, { a: false, b: 0 }],
    ["lists replace", { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ["an empty list replaces", { a: [1] }, { a: [] }, { a: [] }],
    [
      "objects merge at every depth",
      { a: { b: { c: 1, d: 1 } } },
      { a: { b: { d: 2 } } },
      { a: { b: { c: 1, d: 2 } } },
    ],
    ["an object replaces a plain value", { a: "x/y" }, { a: { b: 1 } }, { a: { b: 1 } }],
    ["a plain value replaces an object", { a: { b: 1 } }, { a: "x/y" }, { a: "x/y" }],
  ]

describe("mergeSettings", () => {
  test.each(rows.map(([title, lower, higher, merged]) => ({ title, lower, higher, merged })))(
    "$title",
    ({ lower, higher, merged }) => {
      const before = structuredClone([lower, higher])
      expect(mergeSettings(lower, higher)).toEqual(merged)
      expect([lower, higher]).toEqual(before)
    },
  )

  test("a key named __proto__ stays a key and changes no prototype", () => {
    const merged = mergeSettings({}, Object.fromEntries([["__proto__", { polluted: true }]]))
    expect(Object.keys(merged)).toEqual(["__proto__"])
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
  })
})
