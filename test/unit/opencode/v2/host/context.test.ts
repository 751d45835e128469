import { expect, test } from "bun:test"
import { isContext } from "../../../../../src/opencode/v2/host/context.ts"

test("version 1's context is none of ours", () => {
  expect(isContext({ session: { hook: () => undefined } })).toBe(true)
  for (const value of [
    undefined,
    null,
    "x",
    {},
    { session: undefined },
    { session: null },
    { session: {} },
    { session: { hook: 1 } },
  ])
    expect(isContext(value)).toBe(false)
})
