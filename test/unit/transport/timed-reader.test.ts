import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import { createTimedReader, type TimedRead } from "../../../src/transport/timed-reader.ts"

function driven() {
  let source: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({ start: (controller) => (source = controller) })
  return {
    reader: createTimedReader(body),
    say: (byte: number) => source?.enqueue(new Uint8Array([byte])),
    end: () => source?.close(),
  }
}

test("says silence after the limit, and the chunk that comes later is not lost", async () => {
  const { reader, say, end } = driven()
  expect(await reader.next(5)).toEqual({ type: "silence" })
  const read = reader.next(10_000)
  say(1)
  expect(await read).toEqual({ type: "bytes", bytes: new Uint8Array([1]) })
  end()
  expect(await reader.next(10_000)).toEqual({ type: "end" })
})

test("gives each read the limit that it asks for, the shorter one after a longer one too", async () => {
  const { reader, say } = driven()
  for (const limitMs of [10_000, 5_000]) {
    const read = reader.next(limitMs)
    say(1)
    expect((await read).type).toBe("bytes")
  }
  expect(await reader.next(5)).toEqual({ type: "silence" })
  expect(await reader.next(5)).toEqual({ type: "silence" })
})

test("counts only while somebody waits", async () => {
  const { reader, say } = driven()
  say(1)
  expect((await reader.next(20)).type).toBe("bytes")
  await Bun.sleep(40)
  const read = reader.next(10_000)
  say(2)
  expect(await read).toEqual({ type: "bytes", bytes: new Uint8Array([2]) })
})

test("ends as the body ends, and gives what was thrown", async () => {
  const error = new Error("reset")
  const broken = createTimedReader(new ReadableStream({ start: (controller) => controller.error(error) }))
  expect(await broken.next(10_000)).toEqual({ type: "thrown", error })
})

describe("on a clock of the test", () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  /** What a read has come to by now. */
  async function outcome(read: Promise<TimedRead>): Promise<string> {
    let found = "waiting"
    void read.then(({ type }) => (found = type))
    for (let count = 0; count < 20; count += 1) await Promise.resolve()
    return found
  }

  test("a silence is one after exactly so long", async () => {
    const { reader } = driven()
    const read = reader.next(100)
    jest.advanceTimersByTime(99)
    expect(await outcome(read)).toBe("waiting")
    jest.advanceTimersByTime(1)
    expect(await outcome(read)).toBe("silence")
  })

  test("a timer of an earlier read does not cut a later one short", async () => {
    const { reader, say } = driven()
    const first = reader.next(100)
    jest.advanceTimersByTime(60)
    say(1)
    expect(await outcome(first)).toBe("bytes")
    const second = reader.next(100)
    jest.advanceTimersByTime(99)
    expect(await outcome(second)).toBe("waiting")
    jest.advanceTimersByTime(1)
    expect(await outcome(second)).toBe("silence")
  })

  test("a shorter limit counts also while a longer one is set", async () => {
    const { reader, say } = driven()
    const first = reader.next(1_000)
    say(1)
    expect(await outcome(first)).toBe("bytes")
    const second = reader.next(100)
    jest.advanceTimersByTime(100)
    expect(await outcome(second)).toBe("silence")
  })

  test("a timer that finds nobody waiting says nothing", async () => {
    const { reader, say } = driven()
    const first = reader.next(100)
    say(1)
    expect(await outcome(first)).toBe("bytes")
    jest.advanceTimersByTime(100)
    const second = reader.next(undefined)
    expect(await outcome(second)).toBe("waiting")
    say(2)
    expect(await outcome(second)).toBe("bytes")
  })

  test.each(["its end", "a cancel"])("after %s no timer is left", async (how) => {
    const { reader, end } = driven()
    const read = reader.next(100)
    if (how === "its end") {
      end()
      expect(await outcome(read)).toBe("end")
    } else void reader.cancel("enough")
    expect(jest.getTimerCount()).toBe(0)
  })

  test("one timer serves many reads", async () => {
    const { reader, say } = driven()
    for (let count = 0; count < 5; count += 1) {
      const read = reader.next(100)
      say(1)
      expect(await outcome(read)).toBe("bytes")
      expect(jest.getTimerCount()).toBe(1)
    }
  })
})
