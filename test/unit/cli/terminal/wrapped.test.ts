import { expect, test } from "bun:test"
import picocolors from "picocolors"
import { wrapped } from "../../../../src/cli/terminal/wrapped.ts"

const { red } = picocolors.createColors(true)

test.each([
  ["a terminal that is none", "one two three", undefined, "one two three"],
  ["lines that fit", "one two\n\nthree\n", 7, "one two\n\nthree\n"],
  ["lines that do not", "one two three", 8, "one two\nthree"],
  ["an indentation", "  one two three", 9, "  one two\n  three"],
  ["a gap of two blanks", "one two  three", 8, "one two\nthree"],
  ["a path", "see /a/long/path here", 6, "see\n/a/long/path\nhere"],
  ["colours, which take no room", `${red("error:")} two`, 10, `${red("error:")} two`],
  ["characters of two cells", "限度 限度", 8, "限度\n限度"],
])("%s", (_title, text, columns, lines) => {
  expect(wrapped(text, columns)).toBe(lines)
})
