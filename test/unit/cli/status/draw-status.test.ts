import { describe, expect, test } from "bun:test"
import picocolors from "picocolors"
import { bar, drawStatus } from "../../../../src/cli/status/draw-status.ts"
import { statusReport } from "../../../../src/cli/status/status-report.ts"

describe("bar", () => {
  test.each([
    ["the largest fills the width", 4, 4, 3, "███"],
    ["half of it is half", 2, 4, 3, "█▌"],
    ["an eighth is an eighth", 1, 8, 1, "▏"],
    ["what is more than nothing is to be seen", 1, 1_000_000, 4, "▏"],
    ["nothing is nothing", 0, 5, 4, ""],
    ["nothing of nothing is nothing", 0, 0, 4, ""],
    ["more than the most is cut", 9, 4, 2, "██"],
    ["not a number is nothing", Number.NaN, 4, 2, ""],
  ])("%s", (_title, value, most, width, drawn) => {
    expect(bar(value, most, width)).toBe(drawn)
  })
})

describe("drawStatus", () => {
  const failed = { failures: 1, failedAt: 0, until: 60_000 }
  test.each([
    [{ key: "provider:alpha", kind: "auth" }, "check the key of alpha"],
    [{ key: "model:alpha/one", kind: "billing" }, "top up alpha"],
    [{ key: "model:alpha/one", kind: "rate_limit" }, "back in 1 min"],
  ] as const)("of %j says %j", (circuit, standing) => {
    const snapshot = { circuits: [{ ...failed, ...circuit }], journal: [], limits: [] }
    const report = statusReport(snapshot, { since: 0, limit: 0 }, { now: 0, longestCooldownMs: 0 })
    expect(
      drawStatus(report, undefined, { colors: picocolors.createColors(false), columns: undefined }),
    ).toContain(standing)
  })
})
