import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import { createIdleSignal, type IdleSignal } from "../../../../../src/opencode/v1/reactive/idle-signal.ts"

const never = 60_000

describe("a session has come to rest", () => {
  test("when it was idle as often as expected, and nothing followed", async () => {
    const signal = createIdleSignal({ quietMs: 1, missingMs: never, longestMs: never })
    const end = signal.settled("ses_1", 2)
    signal.idle("ses_1")
    signal.idle("ses_1")
    expect(await end).toEqual({ idles: 2, busyAgain: false })
  })

  test("not before the expected number of idles", async () => {
    const signal = createIdleSignal({ quietMs: 1, missingMs: never, longestMs: never })
    const end = signal.settled("ses_1", 2)
    signal.idle("ses_1")
    const first = await Promise.race([end, Bun.sleep(20).then(() => "still waiting")])
    expect(first).toBe("still waiting")
    signal.idle("ses_1")
    expect((await end).idles).toBe(2)
  })

  test("when an expected idle stays away", async () => {
    const signal = createIdleSignal({ quietMs: never, missingMs: 1, longestMs: never })
    const end = signal.settled("ses_1", 2)
    signal.idle("ses_1")
    expect(await end).toEqual({ idles: 1, busyAgain: false })
  })

  test("when no idle comes at all, after the longest time", async () => {
    const signal = createIdleSignal({ quietMs: never, missingMs: never, longestMs: 1 })
    expect(await signal.settled("ses_1", 1)).toEqual({ idles: 0, busyAgain: false })
  })

  test("with one idle more, which somebody else's abort makes", async () => {
    const signal = createIdleSignal({ quietMs: 5, missingMs: never, longestMs: never })
    const end = signal.settled("ses_1", 1)
    signal.idle("ses_1")
    signal.idle("ses_1")
    expect(await end).toEqual({ idles: 2, busyAgain: false })
  })

  test("no more when another run has begun", async () => {
    const signal = createIdleSignal({ quietMs: never, missingMs: never, longestMs: never })
    const end = signal.settled("ses_1", 1)
    signal.idle("ses_1")
    signal.busy("ses_1")
    expect(await end).toEqual({ idles: 1, busyAgain: true })
  })
})

describe("news that does not count:", () => {
  test("an idle from before", async () => {
    const signal = createIdleSignal({ quietMs: 1, missingMs: 1, longestMs: 5 })
    signal.idle("ses_1")
    expect((await signal.settled("ses_1", 1)).idles).toBe(0)
  })

  test("an idle of another session", async () => {
    const signal = createIdleSignal({ quietMs: 1, missingMs: 1, longestMs: 5 })
    const end = signal.settled("ses_1", 1)
    signal.idle("ses_2")
    expect((await end).idles).toBe(0)
  })

  test("a busy of the run that is still ending", async () => {
    const signal = createIdleSignal({ quietMs: 1, missingMs: never, longestMs: never })
    const end = signal.settled("ses_1", 1)
    signal.busy("ses_1")
    signal.idle("ses_1")
    expect(await end).toEqual({ idles: 1, busyAgain: false })
  })
})

test("two who wait for one session are both told", async () => {
  const signal = createIdleSignal({ quietMs: 1, missingMs: never, longestMs: never })
  const both = Promise.all([signal.settled("ses_1", 1), signal.settled("ses_1", 1)])
  signal.idle("ses_1")
  expect((await both).map((end) => end.idles)).toEqual([1, 1])
})

describe("on a clock of the test", () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  const times = { quietMs: 10, missingMs: 40, longestMs: 1_000 }

  test("the quiet is counted from the newest idle on", async () => {
    const signal = createIdleSignal(times)
    let isOver = false
    const end = signal.settled("ses_1", 1).then(() => (isOver = true))
    signal.idle("ses_1")
    jest.advanceTimersByTime(9)
    signal.idle("ses_1")
    jest.advanceTimersByTime(9)
    await Promise.resolve()
    expect(isOver).toBe(false)
    jest.advanceTimersByTime(1)
    await end
    expect(isOver).toBe(true)
  })

  test.each([
    ["by quiet", (): void => void jest.advanceTimersByTime(10)],
    ["by another run", (signal: IdleSignal): void => signal.busy("ses_1")],
  ])("nothing is left behind when it ends %s", async (_, happens) => {
    const signal = createIdleSignal(times)
    const end = signal.settled("ses_1", 1)
    signal.idle("ses_1")
    happens(signal)
    await end
    expect(jest.getTimerCount()).toBe(0)
    signal.idle("ses_1")
    expect(jest.getTimerCount()).toBe(0)
  })

  test("one that is over does not end another that listens on", async () => {
    const signal = createIdleSignal(times)
    const first = signal.settled("ses_1", 1)
    const second = signal.settled("ses_1", 2)
    signal.idle("ses_1")
    jest.advanceTimersByTime(10)
    expect(await first).toEqual({ idles: 1, busyAgain: false })
    signal.idle("ses_1")
    jest.advanceTimersByTime(10)
    expect(await second).toEqual({ idles: 2, busyAgain: false })
  })

  describe("a session stays at rest", () => {
    const answerOf = async (answer: Promise<boolean>): Promise<boolean | "open"> =>
      Promise.race([answer, settled().then(() => "open" as const)])
    const settled = async (): Promise<void> => {
      for (let turn = 0; turn < 5; turn += 1) await Promise.resolve()
    }

    test("when nobody has begun with it a second later", async () => {
      const signal = createIdleSignal()
      const answer = signal.staysAtRest("ses_1")
      signal.idle("ses_1")
      signal.busy("ses_2")
      jest.advanceTimersByTime(999)
      expect(await answerOf(answer)).toBe("open")
      jest.advanceTimersByTime(1)
      expect(await answerOf(answer)).toBe(true)
    })

    test("not when somebody begins, or works on it already", async () => {
      const signal = createIdleSignal()
      const answer = signal.staysAtRest("ses_1")
      signal.busy("ses_1")
      expect(await answerOf(answer)).toBe(false)
      expect(await answerOf(signal.staysAtRest("ses_1"))).toBe(false)
      expect(jest.getTimerCount()).toBe(0)
      signal.idle("ses_1")
      expect(await answerOf(signal.staysAtRest("ses_1"))).toBe("open")
    })
  })
})
