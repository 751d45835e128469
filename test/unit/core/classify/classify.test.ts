import { classify } from "../../../../src/core/classify/classify.ts"
import { describe, expect, test } from "bun:test"
import { explainKind } from "../../../../src/core/classify/explain-kind.ts"
import { failureKinds } from "../../../../src/core/verdict.ts"
import { sameModelRetryKind } from "../../../../src/core/classify/same-model-retry-kind.ts"
import type { Failure } from "../../../../src/core/verdict.ts"

const now = Date.UTC(2026, 4, 10)

function answer(failure: Failure): string {
  const verdict = classify(failure, now)
  return `${verdict.kind}/${verdict.scope}`
}

describe("evidence is found at any depth", () => {
  const inner = { error: { type: "insufficient_quota", message: "no" } }
  const rows: readonly (readonly [string, unknown])[] = [
    ["plain", inner],
    ["JSON in a message", { error: { message: JSON.stringify(inner) } }],
    ["JSON in JSON in a message", { message: JSON.stringify({ message: JSON.stringify(inner) }) }],
    ["cause", { cause: inner }],
    ["lastError", { lastError: inner }],
    ["errors[]", { errors: [{ message: "first" }, inner] }],
    ["value", { name: "AI_TypeValidationError", value: inner }],
    ["metadata.raw", { error: { code: 400, metadata: { raw: JSON.stringify(inner) } } }],
    ["responseBody", { name: "APIError", data: { message: "x", responseBody: JSON.stringify(inner) } }],
  ]
  test.each(rows)("%s", (_, value) => {
    expect(classify({ body: JSON.stringify(value) }, now).kind).toBe("billing")
  })
  test("a body in front of which a status stands", () => {
    expect(classify({ body: `400 ${JSON.stringify(inner)}` }, now).kind).toBe("billing")
  })
  test("what the request said is no evidence", () => {
    const body = JSON.stringify({ detail: [{ type: "missing", msg: "Field required", input: inner }] })
    expect(answer({ status: 422, body })).toBe("bad_request/none")
  })
})

describe("the order of evidence", () => {
  const rows: readonly (readonly [string, Failure, string])[] = [
    [
      "a code outranks a phrase",
      { body: '{"error":{"code":"context_length_exceeded","message":"Too many requests"}}' },
      "context_overflow/none",
    ],
    [
      "a phrase outranks a status",
      { status: 400, body: "Your credit balance is too low" },
      "billing/provider",
    ],
    [
      "a status outranks a vague code",
      { status: 402, body: '{"error":{"code":"invalid_request_error"}}' },
      "billing/provider",
    ],
    ["a status outranks digits", { status: 400, body: "error 503" }, "bad_request/none"],
    ["an abort outranks all texts", { name: "AbortError", message: "rate limit exceeded" }, "aborted/none"],
    [
      "a time-out is no abort",
      { name: "TimeoutError", message: "The operation was aborted due to timeout" },
      "timeout/model",
    ],
    [
      "an inner status outranks a wrapper's",
      { status: 500, body: '{"error":{"code":429}}' },
      "rate_limit/model",
    ],
    [
      "an unknown code speaks by its words",
      { status: 400, body: '{"error":{"code":"acme_insufficient_balance"}}' },
      "billing/provider",
    ],
    [
      "a server's own refused connection is its outage",
      { status: 500, body: "connect ECONNREFUSED 10.0.0.1:80" },
      "unavailable/model",
    ],
  ]
  test.each(rows)("%s", (_, failure, verdict) => expect(answer(failure)).toBe(verdict))
})

test("errors of Bun's fetch are known in every spelling", () => {
  const codes = [
    "ConnectionRefused",
    "ECONNREFUSED",
    "ENOTFOUND",
    "ECONNRESET",
    "ConnectionClosed",
    "FailedToOpenSocket",
  ]
  expect(codes.map((code) => answer({ code, name: "Error" }))).toEqual(codes.map(() => "network/provider"))
  expect(answer({ code: "ETIMEDOUT" })).toBe("timeout/provider")
  expect(answer({ code: "CERT_HAS_EXPIRED" })).toBe("network/provider")
})

test("a kind is explained in two to five words", () => {
  for (const kind of failureKinds) expect(explainKind(kind)).toMatch(/^\S+(?: \S+){1,4}$/)
})

test("a plain 500 counts as server_error for the repeated request, an overload does not", () => {
  const plain = { status: 500, body: "Internal Server Error" }
  const busy = { status: 529, body: "Overloaded" }
  expect(sameModelRetryKind(classify(plain, now), plain)).toBe("server_error")
  expect(sameModelRetryKind(classify(busy, now), busy)).toBe("overloaded")
})
