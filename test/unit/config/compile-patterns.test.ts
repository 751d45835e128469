import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { patternFindings, usablePatterns } from "../../../src/config/compile-patterns.ts"
import { settingsSchema } from "../../../src/config/schema.ts"

const allowed = [
  "",
  "rate.?limit",
  "too many.*requests",
  "(?:rate|usage|quota).*limit.*(?:exceeded|reached)",
  String.raw`^\s*overloaded`,
  String.raw`\b(?:503|529)\b`,
  "[a-z]+-[0-9]+",
  "[(+*|]+",
  String.raw`[\]+]+x`,
  String.raw`\u00fcberlastet`,
  "quota.{0,40}exceeded.{0,40}again",
  "(?<kind>quota) exceeded",
  "(a+)+$",
  "(a|aa)+",
  "a?".repeat(30) + "a".repeat(30),
]

const refused: readonly (readonly [pattern: string, reason: string])[] = [
  ["(", "missing closing )"],
  ["[z-a]", "invalid character class range"],
  ["a**", "invalid nested repetition"],
  ["(?!not )found", "unsupported Perl syntax"],
  [String.raw`(a)\1`, "invalid escape"],
  [String.raw`(?<n>a)\k<n>`, "back-reference"],
  ["(?:a{1,500}){1,500}", "invalid repeat count"],
  [".{0,1000}.{0,1000}", "too large"],
]

const findingsOf = (...retry_on_patterns: readonly string[]) =>
  patternFindings(settingsSchema.parse({ runtime_fallback: { retry_on_patterns } }))

describe("patternFindings", () => {
  test.each(allowed)("nothing against %s", async (pattern) => {
    expect(await findingsOf(pattern)).toEqual([])
  })

  test.each(refused)("refuses %s: %s", async (pattern, reason) => {
    const [finding] = await findingsOf("fine", pattern)
    expect(finding?.path).toEqual(["runtime_fallback", "retry_on_patterns", 1])
    expect(finding?.allowed).toContain(reason)
  })
})

describe("usablePatterns", () => {
  test("leaves out what is refused", async () => {
    const patterns = await usablePatterns(["(", "b"])
    expect(patterns.map((pattern) => pattern.test("abc"))).toEqual([true])
  })

  // JavaScript's own engine needs longer than the test may last for any of these.
  test.each([
    "(a+)+y",
    "(a|a)*y",
    "(?:a*a*)*a*a*a*a*y",
    String.raw`[^]*[^]*([^]|[^])([^]|[^])([^]|[^])\x00`,
    "(?:a?){200}a{200}y",
  ])("%s comes to an end", async (source) => {
    const [pattern] = await usablePatterns([source])
    expect(pattern?.test("a".repeat(1_000))).toBe(false)
  })

  test("finds what JavaScript's own expressions find", async () => {
    const piece = fc.constantFrom("a", "b?", "a*", ".+", "(?:a|b)", "[^a]", String.raw`\d`, "$", "B")
    const pattern = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""))
    await fc.assert(
      fc.asyncProperty(
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", "1", " ") }),
        async (source, text) => {
          const [compiled] = await usablePatterns([source])
          expect(compiled?.test(text)).toBe(new RegExp(source, "i").test(text))
        },
      ),
      { numRuns: 200 },
    )
  })
})
