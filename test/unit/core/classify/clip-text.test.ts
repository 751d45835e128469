import { expect, test } from "bun:test"
import { clipText } from "../../../../src/core/classify/clip-text.ts"

test("a long text is its start and its end", () => {
  const whole = "x".repeat(1_792)
  expect(clipText(whole)).toBe(whole)
  expect(clipText(`a${whole}z`)).toBe(`a${"x".repeat(1_023)} ${"x".repeat(767)}z`)
})
