import { describe, expect, test, afterEach, beforeEach, jest } from "bun:test"
import { SilenceClock, type StreamTimeouts, WaitTimer } from "../../../src/transport/silence-clock.ts"

/** A clock whose time the test moves. The request was sent 30 ms before the answer began. */
function setUp(timeouts: Partial<StreamTimeouts> = {}) {
  let time = 1_000
  const clock = new SilenceClock({
    firstTokenMs: 0,
    stallMs: 0,
    bytesMs: 0,
    sentAt: 970,
    now: () => time,
    ...timeouts,
  })
  /** Waits for so long, as whoever reads does. */
  const wait = (ms: number): void => {
    clock.limit()
    time += ms
    clock.waited()
  }
  return { clock, wait, pass: (ms: number) => void (time += ms) }
}

describe("what would be called a silence next", () => {
  test("nothing, where no limit is set", () => {
    expect(setUp().clock.limit()).toBeUndefined()
  })

  test("the first content, counted from the request on", () => {
    const { clock, wait } = setUp({ firstTokenMs: 100 })
    expect(clock.limit()).toEqual({ waitMs: 70, silenceMs: 100 })
    wait(50)
    expect(clock.limit()).toEqual({ waitMs: 20, silenceMs: 100 })
    wait(50)
    expect(clock.limit()).toEqual({ waitMs: 0, silenceMs: 100 })
  })

  test("time in which nobody waits does not count", () => {
    const { clock, wait, pass } = setUp({ firstTokenMs: 100 })
    wait(10)
    pass(1_000)
    expect(clock.limit()).toEqual({ waitMs: 60, silenceMs: 100 })
  })

  test("the next content, counted from the last one on", () => {
    const { clock, wait } = setUp({ firstTokenMs: 100, stallMs: 50 })
    clock.heardContent()
    expect(clock.limit()).toEqual({ waitMs: 50, silenceMs: 50 })
    wait(30)
    expect(clock.limit()).toEqual({ waitMs: 20, silenceMs: 50 })
    clock.heardContent()
    expect(clock.limit()).toEqual({ waitMs: 50, silenceMs: 50 })
  })

  test("nothing of the wait that content has ended", () => {
    const { clock, pass } = setUp({ firstTokenMs: 100, stallMs: 50 })
    clock.limit()
    pass(30)
    clock.heardContent()
    clock.waited()
    expect(clock.limit()).toEqual({ waitMs: 50, silenceMs: 50 })
  })

  test("a byte, where that limit comes first; each byte begins it anew", () => {
    const { clock, wait } = setUp({ bytesMs: 40, firstTokenMs: 100 })
    expect(clock.limit()).toEqual({ waitMs: 40, silenceMs: 40 })
    wait(35)
    expect(clock.limit()).toEqual({ waitMs: 35, silenceMs: 100 })
    const alone = setUp({ bytesMs: 40 })
    alone.wait(35)
    expect(alone.clock.limit()).toEqual({ waitMs: 40, silenceMs: 40 })
  })

  test("where both come at once, a byte", () => {
    expect(setUp({ bytesMs: 70, firstTokenMs: 100 }).clock.limit()).toEqual({ waitMs: 70, silenceMs: 70 })
  })

  test("nothing any more, once nobody can take over", () => {
    const { clock } = setUp({ bytesMs: 40, firstTokenMs: 100 })
    clock.stop()
    expect(clock.limit()).toBeUndefined()
  })
})

test("whether the model has said anything is remembered", () => {
  const { clock } = setUp()
  expect(clock.hasContent).toBe(false)
  clock.heardContent()
  expect(clock.hasContent).toBe(true)
})

describe("the timer of a wait", () => {
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

  test("a process that has stood still reads first what has come meanwhile", () => {
    const { timer, log, pass } = counted()
    const clock = jest.spyOn(performance, "now").mockReturnValue(0)
    const standStill = (): void => {
      timer.begin(100)
      clock.mockReturnValue(clock() + 60_000)
      pass(100)
    }
    standStill()
    timer.end()
    pass(1_000)
    standStill()
    expect(log.over).toBe(0)
    clock.mockReturnValue(clock() + 250)
    pass(250)
    expect(log.over).toBe(1)
    clock.mockRestore()
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
})
