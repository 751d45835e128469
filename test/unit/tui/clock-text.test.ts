import { describe, expect, test } from "bun:test"
import { clockText } from "../../../src/tui/panel-model.ts"

const now = new Date(2026, 0, 2, 9, 5, 30).getTime()
const hourMs = 3_600_000

describe("a moment in the panel", () => {
  const rows: readonly (readonly [at: number, text: string])[] = [
    [now, "09:05"],
    [now - 9 * hourMs, "00:05"],
    [now - 24 * hourMs + 60_000, "09:06"],
    [now - 24 * hourMs, "1 d ago"],
    [now - 71 * hourMs, "2 d ago"],
  ]
  test.each(rows)("%d is %s", (at, text) => {
    expect(clockText(at, now)).toBe(text)
  })
})
