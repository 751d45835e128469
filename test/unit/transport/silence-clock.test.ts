import { describe, expect, test } from "bun:test"
import { SilenceClock, type StreamTimeouts } from "../../../src/transport/silence-clock.ts"

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
