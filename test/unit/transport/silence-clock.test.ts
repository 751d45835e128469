import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import { SilenceClock, type StreamTimeouts } from "../../../src/transport/silence-clock.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => {
  jest.restoreAllMocks()
  jest.useRealTimers()
})

/** The clock of a test has fractions, its timers have none, and the shortest takes a millisecond. */
const inTens = (ms: number): number => Math.round(ms / 10) * 10

/** The request was sent 30 ms before the answer began. */
function setUp(timeouts: Partial<StreamTimeouts> = {}) {
  const silences: number[] = []
  let saidAt = 0
  const sentAt = performance.now() - 30
  const clock = new SilenceClock(
    { firstTokenMs: 0, stallMs: 0, bytesMs: 0, sentAt, ...timeouts },
    (afterMs) => {
      silences.push(afterMs)
      saidAt = performance.now()
    },
  )
  const pass = (ms: number): void => void jest.advanceTimersByTime(ms)
  /** Waits for so long, until something comes that is no content. */
  const wait = (ms: number): void => {
    clock.beginWait()
    pass(ms)
    clock.endWait()
    clock.countWait()
  }
  /** How long a wait takes from here on until it is called a silence, and of what length. */
  const nextSilence = (): { readonly waitMs: number; readonly silenceMs: number } | undefined => {
    const begun = performance.now()
    silences.length = 0
    clock.beginWait()
    pass(1_000)
    const [silenceMs] = silences
    return silenceMs === undefined ? undefined : { waitMs: inTens(saidAt - begun), silenceMs }
  }
  return { clock, silences, wait, pass, nextSilence }
}

describe("what would be called a silence next", () => {
  test("nothing, where no limit is set", () => {
    const { nextSilence } = setUp()
    expect(nextSilence()).toBeUndefined()
    expect(jest.getTimerCount()).toBe(0)
  })

  test.each([
    [0, 70],
    [50, 20],
    [70, 0],
  ])("the first content, counted from the request on: after %d ms in %d", (waited, waitMs) => {
    const { wait, nextSilence } = setUp({ firstTokenMs: 100 })
    wait(waited)
    expect(nextSilence()).toEqual({ waitMs, silenceMs: 100 })
  })

  test("at once, where the request was sent so long ago", () => {
    expect(setUp({ firstTokenMs: 20 }).nextSilence()).toEqual({ waitMs: 0, silenceMs: 20 })
  })

  test("time in which nobody waits does not count", () => {
    const { wait, pass, nextSilence } = setUp({ firstTokenMs: 100 })
    wait(10)
    pass(1_000)
    expect(nextSilence()).toEqual({ waitMs: 60, silenceMs: 100 })
  })

  test("the next content, counted from the last one on", () => {
    const { clock, wait, nextSilence } = setUp({ firstTokenMs: 100, stallMs: 50 })
    clock.heardContent()
    wait(30)
    clock.heardContent()
    wait(20)
    expect(nextSilence()).toEqual({ waitMs: 30, silenceMs: 50 })
  })

  test("nothing of the wait that content has ended", () => {
    const { clock, pass, nextSilence } = setUp({ firstTokenMs: 100, stallMs: 50 })
    clock.beginWait()
    pass(30)
    clock.endWait()
    clock.heardContent()
    clock.countWait()
    expect(nextSilence()).toEqual({ waitMs: 50, silenceMs: 50 })
  })

  test("a byte, where that limit comes first; each byte begins it anew", () => {
    const { wait, nextSilence } = setUp({ bytesMs: 40, firstTokenMs: 100 })
    wait(25)
    expect(nextSilence()).toEqual({ waitMs: 40, silenceMs: 40 })
    const late = setUp({ bytesMs: 40, firstTokenMs: 100 })
    late.wait(40)
    expect(late.nextSilence()).toEqual({ waitMs: 30, silenceMs: 100 })
    const alone = setUp({ bytesMs: 40 })
    alone.wait(35)
    expect(alone.nextSilence()).toEqual({ waitMs: 40, silenceMs: 40 })
  })

  test("where both come at once, a byte", () => {
    const { nextSilence } = setUp({ bytesMs: 70, firstTokenMs: 100 })
    expect(nextSilence()).toEqual({ waitMs: 70, silenceMs: 70 })
  })

  test("nothing any more, once nobody can take over", () => {
    const { clock, nextSilence } = setUp({ bytesMs: 40, firstTokenMs: 100 })
    clock.stop()
    expect(nextSilence()).toBeUndefined()
  })
})

test("whether the model has said anything is remembered", () => {
  const { clock } = setUp()
  expect(clock.hasContent).toBe(false)
  clock.heardContent()
  expect(clock.hasContent).toBe(true)
})

describe("a process that has stood still", () => {
  /** Nothing runs, while time passes. */
  const standStill = (ms: number): void => {
    const now = performance.now() + ms
    jest.spyOn(performance, "now").mockReturnValue(now)
  }
  const wakeUp = (): void => jest.restoreAllMocks()

  test("reads first what has come meanwhile", () => {
    const { clock, silences, pass } = setUp({ firstTokenMs: 100 })
    clock.beginWait()
    standStill(60_000)
    pass(70)
    expect(silences).toEqual([])
    standStill(250)
    pass(250)
    expect(silences).toEqual([100])
  })

  test.each([
    ["before its timer has fired", 0],
    ["after it", 70],
  ])("hears a ping that comes %s, and waits on for as long as was left", (_when, timerMs) => {
    const { clock, silences, pass, nextSilence } = setUp({ firstTokenMs: 100 })
    clock.beginWait()
    standStill(60_000)
    pass(timerMs)
    clock.endWait()
    clock.countWait()
    expect(silences).toEqual([])
    wakeUp()
    expect(nextSilence()).toEqual({ waitMs: 70, silenceMs: 100 })
  })

  test("that was only a little late counts the whole wait", () => {
    const { clock, nextSilence } = setUp({ firstTokenMs: 400 })
    clock.beginWait()
    standStill(500)
    clock.endWait()
    clock.countWait()
    wakeUp()
    expect(nextSilence()).toEqual({ waitMs: 0, silenceMs: 400 })
  })
})

describe("the timer", () => {
  test("speaks after exactly so long, and once", () => {
    const { clock, silences, pass } = setUp({ bytesMs: 100 })
    clock.beginWait()
    pass(99)
    expect(silences).toEqual([])
    pass(1)
    expect(silences).toEqual([100])
    pass(1_000)
    expect(silences).toEqual([100])
  })

  test("of an earlier wait does not cut a later one short", () => {
    const { clock, silences, wait, pass } = setUp({ bytesMs: 100 })
    wait(60)
    clock.beginWait()
    pass(99)
    expect(silences).toEqual([])
    pass(1)
    expect(silences).toEqual([100])
  })

  test("is set anew for a shorter wait", () => {
    const { clock, silences, wait, pass } = setUp({ firstTokenMs: 1_000, stallMs: 100 })
    wait(10)
    clock.heardContent()
    clock.beginWait()
    expect(jest.getTimerCount()).toBe(1)
    pass(100)
    expect(silences).toEqual([100])
    pass(1_000)
    expect(silences).toEqual([100])
  })

  test("speaks again of the next wait that is too long as well", () => {
    const { clock, silences, pass } = setUp({ bytesMs: 100 })
    for (let count = 0; count < 2; count += 1) {
      clock.beginWait()
      pass(100)
    }
    expect(silences).toEqual([100, 100])
  })

  test("says nothing where it finds nobody waiting", () => {
    const { silences, wait, pass } = setUp({ bytesMs: 100 })
    wait(50)
    pass(1_000)
    expect(silences).toEqual([])
  })

  test("is gone after a stop, which ends the wait as well", () => {
    const { clock, silences, pass } = setUp({ bytesMs: 100 })
    clock.beginWait()
    clock.stop()
    expect(jest.getTimerCount()).toBe(0)
    pass(1_000)
    expect(silences).toEqual([])
  })

  test("serves many waits", () => {
    const { wait } = setUp({ bytesMs: 100 })
    const set = jest.spyOn(globalThis, "setTimeout")
    for (let count = 0; count < 5; count += 1) {
      wait(10)
      expect(jest.getTimerCount()).toBe(1)
    }
    expect(set).toHaveBeenCalledTimes(1)
  })
})
