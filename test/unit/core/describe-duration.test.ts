import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { describeDuration } from "../../../src/core/describe-duration.ts"

describe("a time span for people", () => {
  const s = 1_000
  const min = 60 * s
  const h = 60 * min
  const d = 24 * h
  test.each([
    [0, "0 s"],
    [-5 * s, "0 s"],
    [1, "1 s"],
    [999, "1 s"],
    [1_001, "2 s"],
    [45 * s, "45 s"],
    [59_500, "1 min"],
    [min, "1 min"],
    [min + 30 * s, "1 min 30 s"],
    [4 * min, "4 min"],
    [h, "1 h"],
    [h + 5 * min + 7 * s, "1 h 5 min"],
    [h + 7 * s, "1 h"],
    [d, "1 d"],
    [6 * d + 2 * h + 59 * min, "6 d 2 h"],
  ])("%p ms are %p", (ms, text) => {
    expect(describeDuration(ms)).toBe(text)
  })

  test("names at most two units, whatever the span", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000, max: 1e12 }), (ms) => {
        expect(describeDuration(ms)).toMatch(/^\d+ (d|h|min|s)( \d+ (h|min|s))?$/)
      }),
    )
  })
})
