import { describe, expect, test } from "bun:test"
import picocolors from "picocolors"
import { table } from "../../../../src/cli/terminal/table.ts"

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
