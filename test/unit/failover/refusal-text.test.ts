import { describe, expect, test } from "bun:test"
import type { Decision } from "../../../src/core/decide.ts"
import type { Verdict } from "../../../src/core/verdict.ts"
import { createRefusalText, isAskedAgain, withoutRetryWords } from "../../../src/failover/refusal-text.ts"
import { catalogWith } from "../catalog-of.ts"
import { turnOf } from "../turn/turn-of.ts"

type Exhausted = Extract<Decision, { do: "exhausted" }>

const now = 7_200_000
const text = createRefusalText(
  () => Promise.resolve(catalogWith("a/own", "b/1", "c/1")),
  () => now,
)
const exhausted: Exhausted = { do: "exhausted", why: "no-model-left", skipped: [], mayRecover: false }
const noTime: Verdict = { kind: "rate_limit", scope: "model", rule: "status" }
const verdict: Verdict = { ...noTime, retryAt: now + 3_600_000 }
const read = (said: string): string => said.replaceAll("\u2060", "")

describe("the one error that ends a turn", () => {
  test.each([
    ["no-chain", "This model cannot go on, and it has no fallback models."],
    ["attempts-spent", "No model could take this turn within max_fallback_attempts."],
    ["no-model-left", "No model is left for this turn."],
  ] as const)("says why: %s", async (why, head) => {
    const said = await text(turnOf(), verdict, { ...exhausted, why })
    expect(read(said)).toBe(`${head} a/own: rate limit reached, back in about an hour.`)
  })

  test("names each model once, in the order in which they were left, then who was passed over", async () => {
    const turn = turnOf({
      inUse: { model: "c/1", requests: 1 },
      tried: [{ model: "a/own" }, { model: "b/1", kind: "auth" }],
    })
    const skipped: Exhausted["skipped"] = [
      { model: "b/1", reason: { why: "tried", kind: "auth" } },
      { model: "d/1", reason: { why: "no-pdf" } },
      { model: "e/1", reason: { why: "cooling-down", kind: "quota", until: now + 3_540_000 } },
      {
        model: "f/1",
        reason: { why: "cooling-down", kind: "quota", until: now + 1, toldBackAt: now + 7_200_000 },
      },
      { model: "g/1", reason: { why: "cooling-down", kind: "auth", until: now + 3_600_000 } },
    ]
    const said = await text(turn, noTime, { ...exhausted, skipped })
    expect(read(said)).toBe(
      "No model is left for this turn. a/own: already tried; b/1: key was rejected, check the key of b; c/1: rate limit reached; d/1: cannot read the PDF; e/1: usage limit reached, back in about an hour; f/1: usage limit reached, back in about 2 hours; g/1: key was rejected, check the key of g.",
    )
  })

  test.each([
    ["429: slow down", true],
    ["the provider is overloaded", true],
    ["no model is left", false],
  ])("OpenCode asks again over '%s': %p", (said, expected) => {
    expect(isAskedAgain(said)).toBe(expected)
  })

  test("holds no word over which OpenCode would ask again, and reads the same", async () => {
    const said = await text(turnOf(), { ...verdict, kind: "overloaded" }, exhausted)
    expect(said).not.toMatch(/overloaded|rate limit|429/i)
    expect(read(said)).toContain("overloaded")
  })

  test.each([
    "service unavailable",
    "is Unavailable",
    "resource exhausted",
    "exhausted",
    "too_many_requests",
  ])("nor one over which it asks again where the text is thrown: %s", (word) => {
    const said = withoutRetryWords(`a/own: ${word}`)
    expect(said).not.toMatch(/unavailable|exhausted|too_many_requests/i)
    expect(read(said)).toBe(`a/own: ${word}`)
  })
})
