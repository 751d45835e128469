import { expect, test } from "bun:test"
import { fitLines } from "../../../../src/tui/v2/fit-lines.ts"

const more = "… (a taller window shows the rest)"
const wide = (rows: number) => ({ rows, columns: 80 })
const lines = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `line ${index}`)

test("a terminal of 24 lines has room for 13 of the dialog, one of 40 for 25", () => {
  for (const [rows, room] of [
    [24, 13],
    [40, 25],
  ] as const) {
    expect(fitLines(lines(room).join("\n"), wide(rows))).toBe(lines(room).join("\n"))
    expect(fitLines(lines(room + 1).join("\n"), wide(rows))).toBe([...lines(room - 1), more].join("\n"))
  }
})

test("a line that is broken between words, or within a long one, counts as what it takes", () => {
  const two = `${"x".repeat(30)} ${"y".repeat(30)}`
  expect(fitLines([...lines(11), two].join("\n"), wide(24))).toEndWith(two)
  expect(fitLines([...lines(12), two].join("\n"), wide(24))).toBe([...lines(12), more].join("\n"))
  const three = `${two} ${"z".repeat(30)}`
  expect(fitLines([...lines(10), three].join("\n"), wide(24))).toEndWith(three)
  expect(fitLines([...lines(11), three].join("\n"), wide(24))).toEndWith(more)
  expect(fitLines([...lines(12), "z".repeat(60)].join("\n"), wide(24))).toEndWith(more)
})

test("a terminal of 40 columns has 34 of them for a line", () => {
  const narrow = { rows: 24, columns: 40 }
  const line = "x".repeat(35)
  expect(fitLines([...lines(12), line].join("\n"), narrow)).toBe([...lines(12), more].join("\n"))
  expect(fitLines([...lines(12), line.slice(1)].join("\n"), narrow)).toEndWith("x")
})
