import { describe, expect, test } from "bun:test"
import { sideBySide } from "../../../../script/demo/columns.ts"
import type { Moment } from "../../../../script/demo/play-scene.ts"

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
})
