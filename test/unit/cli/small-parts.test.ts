import picocolors from "picocolors"
import { describe, expect, test } from "bun:test"
import { PassThrough } from "node:stream"
import { bar, drawStatus } from "../../../src/cli/status/draw-status.ts"
import { statusReport } from "../../../src/cli/status/status-report.ts"
import { parseSpan } from "../../../src/cli/parse-span.ts"
import { askYesNo, wantsColours } from "../../../src/cli/terminal/terminal.ts"
import { table } from "../../../src/cli/terminal/table.ts"

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

describe("wantsColours", () => {
  test.each([
    ["on a terminal", {}, true, true],
    ["not in a pipe", {}, undefined, false],
    ["not in a pipe of a CI run", { CI: "true" }, undefined, false],
    ["not with NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR does not count", { NO_COLOR: "" }, true, true],
    ["NO_COLOR outranks FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["in a pipe with FORCE_COLOR", { FORCE_COLOR: "1" }, undefined, true],
    ["not on a dumb terminal", { TERM: "dumb" }, true, false],
  ])("%s", (_title, env, isTTY, wanted) => {
    expect(wantsColours(env, isTTY)).toBe(wanted)
  })
})

describe("askYesNo", () => {
  test.each([
    ["y\r", true],
    ["YES\r", true],
    ["n\r", false],
    ["\r", false],
    ["yesterday\r", false],
    // Ctrl-C, Ctrl-D
    ["\u0003", false],
    ["\u0004", false],
  ])("%j is %j", async (typed, answer) => {
    const input = new PassThrough()
    const answered = askYesNo("Write this?", input, Object.assign(new PassThrough(), { isTTY: true }))
    input.write(typed)
    expect(await answered).toBe(answer)
  })

  test("the end of the input is a no", async () => {
    const input = new PassThrough()
    const answered = askYesNo("Write this?", input, new PassThrough())
    input.end()
    expect(await answered).toBe(false)
  })
})

test("a table has no borders, no colours of its own and no spaces at line ends", () => {
  expect(
    table(
      [
        ["a", "long one", ""],
        ["bb", "c", "d"],
      ],
      undefined,
      "  ",
    ),
  ).toBe("  a   long one\n  bb  c         d\n")
})

describe("a table in a narrow terminal", () => {
  const row = [["alpha/one", "two words more", "█".repeat(14)]]
  test.each([
    [43, "  alpha/one  two words more  ██████████████\n"],
    [42, "  alpha/one  two words      ██████████████\n             more\n"],
    [33, "  alpha/one  two    █████████████\n             words  █\n             more\n"],
    [1, "  alpha/one  two    ████████████\n             words  ██\n             more\n"],
  ])("of %j columns breaks its widest column, between words if it can", (columns, drawn) => {
    expect(table(row, columns, "  ")).toBe(drawn)
  })
  test.each([
    [undefined, "/home/用户用户  one\n"],
    [17, "/home/        one\n用户用户\n"],
  ])("of %j columns gives a wide character two of them", (columns, drawn) => {
    expect(table([["/home/用户用户", "one"]], columns)).toBe(drawn)
  })
  test("leaves a column whole beside a cell of several lines that fits", () => {
    const rows = [["a column of five words", "each its own\nlines of few"]]
    expect(table(rows, 36)).toBe(table(rows, undefined))
  })
  test("breaks no code of a colour", () => {
    const { dim } = picocolors.createColors(true)
    const drawn = table([[dim("0123456789abcdef")]], 1)
    expect(drawn).toBe(dim("0123456789ab\ncdef") + "\n")
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
