import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { patternTextLimit, unsafePatternReason } from "../../../src/config/safe-pattern.ts"

const allowed = [
  "",
  "rate.?limit",
  "too many.*requests",
  "(?:rate|usage|quota).*limit.*(?:exceeded|reached)",
  String.raw`^\s*overloaded`,
  String.raw`\b(?:503|529)\b`,
  "[a-z]+-[0-9]+",
  "(?:abc)+",
  "https?://",
  "[(+*|]+",
  String.raw`[\]+]+x`,
  String.raw`\(a+\)+`,
  "quota.{0,40}exceeded.{0,40}again",
  "(?!not )found",
  "(?<kind>quota) exceeded",
]

const refused: readonly (readonly [pattern: string, reason: string])[] = [
  ["(", "Not a regular expression"],
  ["[z-a]", "Not a regular expression"],
  ["a**", "Not a regular expression"],
  ["(a+)+", "repeated group"],
  ["(?:a*)*$", "repeated group"],
  ["(a|aa)+", "repeated group"],
  ["(a|a)*", "repeated group"],
  ["(x?){50}", "repeated group"],
  ["((a)(b+))*", "repeated group"],
  ["(?<n>a+)+", "repeated group"],
  ["(?=(a+)+)b", "repeated group"],
  [String.raw`(a)\1`, "back-reference"],
  [String.raw`(?<n>a)\k<n>`, "back-reference"],
  ["a*a*a*", "too many ways"],
  ["a?".repeat(30) + "a".repeat(30), "too many ways"],
  ["(?:a|a)".repeat(30), "too many ways"],
  ["a{1,500}b{1,500}c{1,500}", "too many ways"],
]

describe("unsafePatternReason", () => {
  test.each(allowed)("allows %s", (pattern) => {
    expect(unsafePatternReason(pattern)).toBeUndefined()
  })

  test.each(refused.map(([pattern, reason]) => ({ pattern, reason })))(
    "refuses $pattern: $reason",
    ({ pattern, reason }) => {
      expect(unsafePatternReason(pattern)).toContain(reason)
    },
  )

  test("whatever is allowed comes to an end on a text made to be tried in every way", () => {
    const piece = fc.constantFrom(
      "a",
      "a?",
      "a*",
      "a+",
      ".*",
      "(?:a|a)",
      "(a)",
      "(?:aa)+",
      "a{0,9}",
      "[ab]+",
      "(?:a*a|b)",
      "x",
    )
    const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `${pieces.join("")}y`)
    let slowestMs = 0
    fc.assert(
      fc.property(pattern, (source) => {
        fc.pre(unsafePatternReason(source) === undefined)
        const startedAt = performance.now()
        expect(new RegExp(source, "i").test("a".repeat(patternTextLimit))).toBe(false)
        slowestMs = Math.max(slowestMs, performance.now() - startedAt)
      }),
      { numRuns: 30, seed: 7 },
    )
    expect(slowestMs).toBeLessThan(5000)
  }, 60_000)
})
