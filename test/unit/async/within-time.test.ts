import { afterEach, expect, jest, spyOn, test } from "bun:test"
import { withinTime } from "../../../src/async/within-time.ts"

afterEach(() => void jest.useRealTimers())

test("what comes in time, or nothing", async () => {
  expect(await withinTime(Promise.resolve("in time"), 1_000)).toBe("in time")
  expect(await withinTime(new Promise(() => undefined), 1)).toBeUndefined()
})

test("what comes while the process stands still is in time, and nothing is nothing a little later", async () => {
  jest.useFakeTimers()
  const clock = spyOn(performance, "now").mockReturnValue(0)
  const { promise, resolve } = Promise.withResolvers<string>()
  const results = [withinTime(promise, 100), withinTime(new Promise(() => undefined), 100)]
  clock.mockReturnValue(60_000)
  jest.advanceTimersByTime(100)
  resolve("in time")
  clock.mockReturnValue(60_250)
  jest.advanceTimersByTime(250)
  clock.mockRestore()
  expect(await Promise.all(results)).toEqual(["in time", undefined])
})
