import { expect, test } from "bun:test"
import { withinTime } from "../../../src/async/within-time.ts"

test("what comes in time, or nothing", async () => {
  expect(await withinTime(Promise.resolve("in time"), 1_000)).toBe("in time")
  expect(await withinTime(new Promise(() => undefined), 1)).toBeUndefined()
})
