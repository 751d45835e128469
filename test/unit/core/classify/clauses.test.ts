import { describe, expect, test } from "bun:test"
import { classify } from "../../../../src/core/classify/classify.ts"
import type { FailureKind } from "../../../../src/core/verdict.ts"

type Rows = readonly (readonly [message: string, kind: FailureKind])[]

/** What a 400 means by its words; `bad_request` where they say nothing. */
const kindOf = (message: string): FailureKind => classify({ status: 400, message }, 0).kind

describe("a subject and its state belong together when they stand near each other:", () => {
  const rows: Rows = [
    // At most four words between the end of the one and the beginning of the other.
    ["api key alpha beta gamma delta invalid", "auth"],
    ["api key alpha beta gamma delta omega invalid", "bad_request"],
    ["invalid alpha beta gamma delta api key", "auth"],
    ["invalid alpha beta gamma delta omega api key", "bad_request"],
    // Two characters count as a word; at most three are between.
    ["余额甲乙丙丁戊己不足", "billing"],
    ["余额甲乙丙丁戊己庚辛不足", "bad_request"],
    ["余额 甲乙丙丁戊己 不足", "billing"],
    ["余额 甲乙丙丁戊己庚辛 不足", "bad_request"],
    // A full stop parts them, a period inside of a number or a name does not.
    ["about the api key. invalid", "bad_request"],
    ["api key v1.2 invalid", "auth"],
  ]
  test.each(rows)("%s: %s", (message, kind) => expect(kindOf(message)).toBe(kind))
})

describe("a word of a period is nothing else:", () => {
  const rows: Rows = [
    ["usage limit reached for this billing cycle", "quota"],
    ["usage limit reached, billing exhausted", "billing"],
  ]
  test.each(rows)("%s: %s", (message, kind) => expect(kindOf(message)).toBe(kind))
})

test("what exceeds the limit under 413 is too large, but for a limit of a period", () => {
  const kinds = ["Upload exceeds the limit of 20 MB", "Limit of tokens per minute exceeded"].map(
    (message) => classify({ status: 413, message }, 0).kind,
  )
  expect(kinds).toEqual(["context_overflow", "rate_limit"])
})

describe("what should be, and is not:", () => {
  const rows: Rows = [
    ["The acme service is not currently reachable", "unavailable"],
    ["El proveedor no está disponible", "unavailable"],
    ["Das Sprachmodell ist derzeit nicht erreichbar", "unavailable"],
    ["The acme service is reachable", "bad_request"],
    ["The model was not found by the provider", "model_not_found"],
    ["The key is not one that acme finds valid", "bad_request"],
    ["Your API key is not valid", "auth"],
    ["There are not enough credits", "billing"],
    ["There are enough credits", "bad_request"],
  ]
  test.each(rows)("%s: %s", (message, kind) => expect(kindOf(message)).toBe(kind))
})

describe("what is quoted is an echo of the request, unless a wrapper reports it:", () => {
  const rows: Rows = [
    ["Unknown parameter 'insufficient balance'.", "bad_request"],
    ['Unknown parameter "insufficient balance".', "bad_request"],
    ["Unknown parameter “insufficient balance”.", "bad_request"],
    ['upstream said: "insufficient balance"', "billing"],
    ['"insufficient balance"', "billing"],
    ['the sum (reason="insufficient balance")', "billing"],
    ["value: `insufficient balance`", "bad_request"],
    ['parameter "name": "balance" insufficient letters', "bad_request"],
    ["the user's insufficient balance can't be charged", "billing"],
    ['402 "insufficient balance"', "billing"],
    ['acme (x): 402 "insufficient balance"', "billing"],
    ['acme failed with 402 "insufficient balance"', "billing"],
    ['acme returned 402 "insufficient balance"', "billing"],
    ['status 402 "insufficient balance"', "billing"],
    ['acme said code 402 "insufficient balance"', "billing"],
    ['acme said error 402 "insufficient balance"', "billing"],
    ['acme said http 402 "insufficient balance"', "billing"],
    ['line 402 "insufficient balance"', "bad_request"],
    ['unexpected character at position 402 "insufficient balance"', "bad_request"],
  ]
  test.each(rows)("%s: %s", (message, kind) => expect(kindOf(message)).toBe(kind))
})

describe("addresses and names are read for what they are:", () => {
  const rows: Rows = [
    ["see https://x.test/insufficient-balance for the parameter", "bad_request"],
    ["GROQ_ACCESS_TOKEN invalid", "auth"],
    ["quota exceeded for generate_requests_per_model_per_minute", "rate_limit"],
    ["limit exceeded for generate_requests_per_model_per_day", "quota"],
    ["limit exceeded: 20 / minute", "rate_limit"],
    ["limit exceeded: 20 / month", "quota"],
  ]
  test.each(rows)("%s: %s", (message, kind) => expect(kindOf(message)).toBe(kind))
})

describe("advice counts where nothing is stated:", () => {
  const rows: Rows = [
    ["Insufficient balance, please wait. Rate limit reached.", "billing"],
    ["Something is odd so shorten the conversation. Rate limit reached.", "rate_limit"],
    ["Something is odd so shorten the conversation.", "context_overflow"],
    // An advice of few words is one, however long the sentence that it stands in.
    ["alpha beta gamma delta please rate limit", "rate_limit"],
    ["alpha beta gamma delta please mind some rate limit", "unknown"],
  ]
  test.each(rows)("%s: %s", (message, kind) => expect(classify({ message }, 0).kind).toBe(kind))
})

describe("of a long error the first eight sentences and the last four are read:", () => {
  const rows: readonly (readonly [at: number, of: number, kind: FailureKind])[] = [
    [8, 20, "billing"],
    [9, 20, "unavailable"],
    [16, 20, "unavailable"],
    [17, 20, "billing"],
    [9, 12, "billing"],
    [9, 13, "unavailable"],
  ]
  test.each(rows)("sentence %d of %d: %s", (at, of, kind) => {
    const sentences = Array.from({ length: of }, (_, index) =>
      index === at - 1 ? "Insufficient balance." : `Item ${index} is blue.`,
    )
    expect(classify({ status: 500, message: sentences.join(" ") }, 0).kind).toBe(kind)
  })
})
