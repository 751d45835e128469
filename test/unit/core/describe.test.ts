import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { describeDuration } from "../../../src/core/describe-duration.ts"
import { describeReturn, roughDuration } from "../../../src/core/describe-return.ts"
import { describeSkip, describeSkipped } from "../../../src/core/describe-skip.ts"
import type { SkipReason } from "../../../src/core/skip-reason.ts"

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

describe("why a candidate was passed over", () => {
  const now = 1_000_000
  const until = now + 45_000
  const rows: readonly (readonly [SkipReason, string])[] = [
    [{ why: "tried" }, "already tried"],
    [{ why: "tried", kind: "auth" }, "already tried: key was rejected"],
    [{ why: "earlier-in-chain" }, "comes earlier in the chain"],
    [{ why: "cooling-down", until, kind: "rate_limit" }, "rate limit reached, cooling down for 45 s"],
    [
      { why: "cooling-down", until, toldBackAt: until + 45_000, kind: "rate_limit" },
      "rate limit reached, back in 1 min 30 s",
    ],
    [{ why: "held" }, "held by hand"],
    [{ why: "being-probed", until }, "being tried by another request right now"],
    [{ why: "provider-tripped", provider: "b", until, kind: "billing" }, "out of credit, top up b"],
    [{ why: "provider-tripped", provider: "b", until, kind: "auth" }, "key was rejected, check the key of b"],
    [
      { why: "provider-tripped", provider: "b", until, kind: "quota" },
      "b: usage limit reached, not used for 45 s",
    ],
    [{ why: "provider-held", provider: "b" }, "b is held by hand"],
    [{ why: "catalog-unknown" }, "OpenCode could not say which models are connected"],
    [{ why: "not-connected", provider: "b" }, "b is not connected"],
    [{ why: "not-offered", provider: "b" }, "b does not offer this model"],
    [
      { why: "near-limit", provider: "b", limit: "5 h window 96 % used", until: now },
      "b: 5 h window 96 % used",
    ],
    [{ why: "unknown-model" }, "OpenCode does not know this model"],
    [{ why: "no-images" }, "cannot read the image"],
    [{ why: "no-pdf" }, "cannot read the PDF"],
    [{ why: "no-tools" }, "cannot call tools"],
    [
      { why: "window-too-small", contextTokens: 8_000, neededTokens: 9_000 },
      "its context window of 8000 tokens is too small for the 9000 in use",
    ],
    [{ why: "not-allowed", rule: "ignore_models" }, "not allowed: ignore_models"],
  ]
  test.each(rows)("%p", (reason, text) => {
    expect(describeSkip(reason, now)).toBe(text)
    expect(describeSkipped({ model: "b/1", reason }, now)).toBe(`b/1 (${text})`)
  })
})

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

test.each([
  [0, "about a minute"],
  [1.5 * minute - 1, "about a minute"],
  [1.5 * minute, "about 2 minutes"],
  [55 * minute - 1, "about 55 minutes"],
  [55 * minute, "about an hour"],
  [1.5 * hour - 1, "about an hour"],
  [1.5 * hour, "about 2 hours"],
  [1.5 * day - 1, "about 36 hours"],
  [1.5 * day, "about 2 days"],
  [7 * day, "about 7 days"],
])("%d ms are %s", (ms, text) => {
  expect(roughDuration(ms)).toBe(text)
})

test.each([
  [{ kind: "auth", retryAt: 5 }, "check the key of a"],
  [{ kind: "billing" }, "top up a"],
  [{ kind: "rate_limit", retryAt: 20 * minute }, "back in about 20 minutes"],
  [{ kind: "rate_limit" }, undefined],
  [{}, undefined],
] as const)("of %o people are told: %p", (end, text) => {
  expect(describeReturn("a", end, 0)).toBe(text as never)
})
