import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { classify } from "../../../../src/core/classify/classify.ts"
import { failureFromError, failureFromFrame } from "../../../../src/core/classify/failure-from.ts"
import { failureKinds } from "../../../../src/core/verdict.ts"

const now = Date.UTC(2026, 4, 10)
const statusDigits = fc.constantFrom(
  "401",
  "402",
  "403",
  "408",
  "413",
  "429",
  "500",
  "502",
  "503",
  "504",
  "520",
  "529",
)
const digit = fc.integer({ min: 0, max: 9 })
const word = fc.constantFrom("table", "apples", "see", "house", "blue", "walks", "paper", "under", "river")

function kindOf(message: string): string {
  return classify({ message }, now).kind
}

describe("digits that are no status make no verdict", () => {
  const wrap: readonly (readonly [string, (status: string, a: number, b: number) => string])[] = [
    ["inside a larger number", (status, a, b) => `${a}${status}${b}`],
    ["after a digit", (status, a) => `error ${a}${status}`],
    ["before a digit", (status, _, b) => `code ${status}${b}`],
    ["in an id", (status, a, b) => `request id ${a}f${status}ab${b}`],
    ["in a price", (status, a) => `total $${status}.${a}0`],
    ["in a decimal after an anchor", (status, a) => `error ${status}.${a}`],
    ["in a date", (status, a) => `on ${status}-0${a}-11`],
    ["in a line number", (status) => `line ${status}`],
    ["in a ticket", (status) => `ticket #${status}`],
    ["in an index", (status) => `messages[${status}]`],
    ["as an amount", (status) => `${status} records`],
    ["as an amount in a sentence", (status) => `processed ${status} records`],
  ]
  test.each(wrap)("%s", (_, make) => {
    fc.assert(
      fc.property(statusDigits, digit, digit, fc.array(word, { maxLength: 4 }), (status, a, b, words) => {
        const text = make(status, a, b)
        expect(kindOf(text)).toBe("unknown")
        expect(kindOf(`${words.join(" ")} , ${text}`)).toBe("unknown")
      }),
    )
  })
})

test("digits that a text names as a status do", () => {
  const anchored = (status: string): string[] => [
    status,
    `HTTP ${status}`,
    `HTTP/1.1 ${status}`,
    `status ${status}`,
    `status=${status}`,
    `status code ${status}`,
    `code: ${status}`,
    `error ${status}`,
    `[${status}]`,
    `failed (${status})`,
  ]
  fc.assert(
    fc.property(statusDigits, (status) => {
      const kinds = new Set(anchored(status).map(kindOf))
      expect(kinds).toEqual(new Set([classify({ status: Number(status) }, now).kind]))
    }),
  )
})

test("any input yields a verdict of the known kinds", () => {
  const failure = fc.record(
    {
      provider: fc.oneof(fc.string(), fc.constantFrom("anthropic", "zai", "google")),
      status: fc.oneof(fc.integer(), fc.double()),
      headers: fc.dictionary(fc.string(), fc.string()),
      body: fc.oneof(fc.string({ unit: "binary" }), fc.json()),
      name: fc.string(),
      code: fc.string(),
      message: fc.string({ unit: "binary" }),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(failure, (value) => {
      const verdict = classify(value, now)
      expect(failureKinds).toContain(verdict.kind)
      if (verdict.retryAt !== undefined) expect(verdict.retryAt).toBeGreaterThan(now)
    }),
    { numRuns: 500 },
  )
}, 30_000)

test("any thrown, published or streamed value becomes a failure", () => {
  fc.assert(
    fc.property(
      fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }),
      (value) => {
        expect(failureKinds).toContain(classify(failureFromError(value), now).kind)
      },
    ),
    { numRuns: 300 },
  )
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void failureFromFrame(text)))
})

test("of a long text the start and the end are looked at, not the middle", () => {
  const filling = "blue river ".repeat(50_000)
  expect(kindOf(`rate limit exceeded ${filling}`)).toBe("rate_limit")
  expect(kindOf(`${filling}. Error: rate limit exceeded`)).toBe("rate_limit")
  expect(kindOf(`${filling}. Error: rate limit exceeded. ${filling}`)).toBe("unknown")
})

describe("time does not grow without bound", () => {
  const hostile: readonly (readonly [string, string])[] = [
    ["words", "quota token model key rate limit exceeded "],
    ["braces", "{"],
    ["brackets", "["],
    ["quotes", `'"code":`],
    ["quotes alone", '"'],
    ["blanks", " \t"],
    ["blank lines", " \n"],
    ["line ends", "\n"],
    ["returns", "\r"],
    ["line separators", "\u2028"],
    ["boxes", "\u2500"],
    ["frames", "at a(1"],
    ["identifiers", "aaaa_bbbb."],
    ["letters", "a"],
    ["reset", "resets in "],
    ["digits", "429 "],
    ["backslashes", "\\"],
    ["code spans", "`"],
    ["headings", "error: "],
    ["dots", "."],
    ["colours", "\u001B[1;"],
    ["citations", "> "],
    ["tags", "<a>"],
    ["open tags", "<a "],
    ["bytes", "- b'"],
    ["sections of XML", "<![CDATA["],
  ]
  const cpuMs = (body: string): number => {
    // The processor's time and not the clock's: other work on the machine is none of ours.
    const before = process.cpuUsage()
    classify({ provider: "zai", body }, now)
    const { user, system } = process.cpuUsage(before)
    return (user + system) / 1_000
  }
  // Milliseconds where the time grows with the length, half a minute where it grows with its square: the compiler's
  // and the collector's own time, which is counted too, does not matter in between.
  test.each(hostile)("%s", (_, part) => expect(cpuMs(part.repeat(262_144 / part.length))).toBeLessThan(1_000))
  // What is longer is not unwrapped, and what stands at an end is trimmed.
  test.each(hostile)("%s in a message", (_, part) =>
    expect(cpuMs(`a${part.repeat(60_000 / part.length)}b`)).toBeLessThan(1_000),
  )
})
