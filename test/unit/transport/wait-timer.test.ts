import { afterEach, beforeEach, expect, jest, test } from "bun:test"
import { WaitTimer } from "../../../src/transport/silence-clock.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

function counted() {
  const log = { over: 0 }
  return {
    timer: new WaitTimer(() => (log.over += 1)),
    log,
    pass: (ms: number) => jest.advanceTimersByTime(ms),
  }
}

test("a wait is over after exactly so long, and once", () => {
  const { timer, log, pass } = counted()
  timer.begin(100)
  pass(99)
  expect(log.over).toBe(0)
  pass(1)
  expect(log.over).toBe(1)
  pass(1_000)
  expect(log.over).toBe(1)
})

test("the timer of an earlier wait does not cut a later one short", () => {
  const { timer, log, pass } = counted()
  timer.begin(100)
  pass(60)
  timer.end()
  timer.begin(100)
  pass(99)
  expect(log.over).toBe(0)
  pass(1)
  expect(log.over).toBe(1)
})

test("a shorter limit counts also while a longer one is set", () => {
  const { timer, log, pass } = counted()
  timer.begin(1_000)
  timer.end()
  timer.begin(100)
  expect(jest.getTimerCount()).toBe(1)
  pass(100)
  expect(log.over).toBe(1)
  pass(1_000)
  expect(log.over).toBe(1)
})

test("each wait has a limit of its own, one after another that was too long as well", () => {
  const { timer, log, pass } = counted()
  timer.begin(100)
  pass(100)
  timer.begin(50)
  pass(50)
  expect(log.over).toBe(2)
})

test("a timer that finds nobody waiting says nothing", () => {
  const { timer, log, pass } = counted()
  timer.begin(100)
  timer.end()
  pass(1_000)
  expect(log.over).toBe(0)
})

test("a stop leaves no timer behind, and a new wait sets one again", () => {
  const { timer, log, pass } = counted()
  timer.begin(100)
  timer.stop()
  expect(jest.getTimerCount()).toBe(0)
  timer.begin(100)
  pass(100)
  expect(log.over).toBe(1)
})

test("one timer serves many waits", () => {
  const { timer } = counted()
  const set = jest.spyOn(globalThis, "setTimeout")
  for (let count = 0; count < 5; count += 1) {
    timer.begin(100)
    timer.end()
    expect(jest.getTimerCount()).toBe(1)
  }
  expect(set).toHaveBeenCalledTimes(1)
  set.mockRestore()
})
