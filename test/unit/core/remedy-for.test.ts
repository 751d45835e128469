import { expect, test } from "bun:test"
import { remedyFor } from "../../../src/core/remedy-for.ts"

test.each([
  ["auth", "check the key of a"],
  ["billing", "top up a"],
  ["rate_limit", undefined],
  [undefined, undefined],
] as const)("after %p people are told: %p", (kind, text) => {
  expect(remedyFor(kind, "a")).toBe(text as never)
})
