import { describe, expect, test } from "bun:test"
import { parseSpan } from "../../../../src/cli/terminal/parse-span.ts"

describe("parseSpan", () => {
  test.each([
    ["90s", 90_000],
    ["90", 90_000],
    ["1h30m", 5_400_000],
    ["1.5 h", 5_400_000],
    ["15min", 900_000],
    ["250ms", 250],
    ["7d", 604_800_000],
    ["2W", 1_209_600_000],
    ["", undefined],
    ["soon", undefined],
    ["-5s", undefined],
    ["5x", undefined],
    ["99999999999d", undefined],
    ["9999w", undefined],
  ])("%j is %j ms", (text, ms) => {
    expect(parseSpan(text)).toBe(ms as number)
  })
})
