import { describe, expect, test } from "bun:test"
import { sideBySide, wrap } from "../../../script/demo/columns.ts"
import { durationText } from "../../../script/demo/play-scene.ts"
import type { Moment } from "../../../script/demo/play-scene.ts"
import { median, quantile } from "../../../script/bench/statistics.ts"

const moment = (atMs: number, text: string): Moment => ({ atMs, text, tone: "plain" })

describe("the demo's columns", () => {
  test("never grow beyond 100 characters", () => {
    const long = moment(1, "several words ".repeat(30).trim())
    const lines = sideBySide([long, long], [long])
    expect(Math.max(...lines.map((line) => Bun.stripANSI(line).length))).toBeLessThanOrEqual(100)
    expect(lines.length).toBeGreaterThan(10)
  })

  test("show every moment of the longer side", () => {
    const lines = sideBySide([moment(5, "one"), moment(1_500, "two")], [moment(6, "three")])
    expect(lines.map((line) => Bun.stripANSI(line).replaceAll(/\s+/g, " ").trim())).toEqual([
      "5 ms one │ 6 ms three",
      "1.5 s two │",
    ])
  })

  test("wrap between words and keep a word that is too long", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"])
    expect(wrap("incomprehensibilities yes", 7)).toEqual(["incomprehensibilities", "yes"])
  })
})

test.each([
  [400, "0 s"],
  [59_400, "59 s"],
  [62_000, "1 min 2 s"],
  [3_600_000, "1 h"],
  [3_597_000, "59 min 57 s"],
  [5_400_000, "1 h 30 min"],
])("%d ms is said as %s", (ms, text) => expect(durationText(ms)).toBe(text))

test("the median of an even count lies between the two in the middle", () => {
  expect(median([9, 1, 3, 5])).toBe(4)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
})
