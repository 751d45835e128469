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
    [42, "  alpha/one  two words  ██████████████\n             more\n"],
    [33, "  alpha/one  two    ██████████████\n             words\n             more\n"],
  ])("of %j columns breaks its widest column between words", (columns, drawn) => {
    expect(table(row, columns, "  ")).toBe(drawn)
  })
  test.each([
    [31, "  alpha/one  two words more\n    ██████████████\n"],
    [28, "  alpha/one\n    two words more\n    ██████████████\n"],
    [1, "  alpha/one\n    two\n    words\n    more\n    ██████████████\n"],
  ])("of %j columns has each row below the other, where its words do not fit", (columns, drawn) => {
    expect(table(row, columns, "  ")).toBe(drawn)
  })
  test("puts nothing where a cell is empty", () => {
    expect(table([["a/long/path", "", "of nobody"]], 18)).toBe("a/long/path\n  of nobody\n")
  })
  test.each([
    [23, "/home/用户用户  one two\n                three\n"],
    [20, "/home/用户用户\n  one two three\n"],
  ])("of %j columns gives a wide character two of them", (columns, drawn) => {
    expect(table([["/home/用户用户", "one two three"]], columns)).toBe(drawn)
  })
  test("leaves a column whole beside a cell of several lines that fits", () => {
    const rows = [["a column of five words", "each its own\nlines of few"]]
    expect(table(rows, 36)).toBe(table(rows, undefined))
  })
  test("counts no code of a colour", () => {
    const { dim } = picocolors.createColors(true)
    const drawn = table([[dim("0123456789abcdef"), dim("one")]], 21)
    expect(drawn).toBe(`${dim("0123456789abcdef")}  ${dim("one")}\n`)
  })
})
