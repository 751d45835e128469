import { describe, expect, test } from "bun:test"
import { defaultSettings } from "../../../../src/config/schema.ts"
import { classify } from "../../../../src/core/classify/classify.ts"
import { type FallbackRules, fallsBack } from "../../../../src/core/classify/falls-back.ts"
import type { Failure } from "../../../../src/core/verdict.ts"

const rules: FallbackRules = {
  retryOnErrors: [429, 503, 529],
  fallbackOn: defaultSettings().runtime_fallback.fallback_on,
  retryOnPatterns: [],
}

function decide(failure: Failure, changes: Partial<FallbackRules> = {}): boolean {
  return fallsBack(classify(failure, 0), failure, { ...rules, ...changes })
}

const overflow: Failure = { status: 503, body: '{"error":{"code":"context_length_exceeded"}}' }
const rows: readonly (readonly [string, Failure, Partial<FallbackRules>, boolean])[] = [
  ["a rate limit falls back", { status: 429 }, {}, true],
  ["a bad request does not", { status: 400, body: "Invalid request payload" }, {}, false],
  ["400 with 1429 in its text does not", { status: 400, body: "order 1429 is invalid" }, {}, false],
  ["400 with 'error 503' in its text does not", { status: 400, body: "error 503" }, {}, false],
  ["a listed status counts though its kind does not", { status: 429 }, { fallbackOn: [] }, true],
  ["a status that is not listed does not count then", { status: 500 }, { fallbackOn: [] }, false],
  ["a status named by a text only is no true status", { message: "HTTP 429" }, { fallbackOn: [] }, false],
  ["a status in a field of the body is one", { status: 200, body: '{"code":429}' }, { fallbackOn: [] }, true],
  ["a listed 400 that nothing explains counts", { status: 400 }, { retryOnErrors: [400] }, true],
  ["a proven overflow outranks a listed status", overflow, {}, false],
  ["unless the user lets overflows fall back", overflow, { fallbackOn: ["context_overflow"] }, true],
  ["an abort never falls back", { name: "AbortError" }, { fallbackOn: ["aborted"] }, false],
  ["not even by a pattern", { name: "AbortError", message: "x" }, { retryOnPatterns: [/x/] }, false],
  ["a user's pattern counts", { message: "kaputt" }, { retryOnPatterns: [/KAPUTT/i] }, true],
  ["also in the body", { body: "kaputt" }, { retryOnPatterns: [/kaputt/] }, true],
  [
    "in its first thousand characters",
    { body: `${"x".repeat(994)}kaputt` },
    { retryOnPatterns: [/kaputt/] },
    true,
  ],
  ["and not behind them", { body: `${"x".repeat(995)}kaputt` }, { retryOnPatterns: [/kaputt/] }, false],
  ["an unknown text does not", { message: "kaputt" }, {}, false],
]

describe("fallsBack", () => {
  test.each(rows)("%s", (_, failure, changes, expected) => expect(decide(failure, changes)).toBe(expected))
})
