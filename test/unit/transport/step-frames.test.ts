import { describe, expect, test } from "bun:test"
/** What goes on of an answer's bytes, in which pieces, and what of it is read. */
import * as fc from "fast-check"
import type { Bytes } from "../../../src/transport/bytes.ts"
import { StepFrames, type Stop } from "../../../src/transport/step-frames.ts"
import { awsEventFraming } from "../../../src/transport/wire/aws-event-framing.ts"
import { awsMessage } from "../../../src/transport/wire/aws-event-message.ts"
import type { Framing } from "../../../src/transport/wire/framing.ts"
import { sseFraming } from "../../../src/transport/wire/sse-frames.ts"
import type { Alike, WireStep } from "../../../src/transport/wire/wire-types.ts"

const say = (text: string): string => `data: say "${text}"\n\n`
const word = say("word")
const ping = ": ping\n\n"
const hold = "data: hold\n\n"
const held = ": held\n\n"
const end = "data: end\n\n"
const fail = "data: fail\n\n"

/** As `mostHeld` and `mostCopied`, in bytes. */
const mostHeld = 4_096
const mostCopied = 1_024

function stepOf(frame: string): WireStep {
  if (frame === hold) return { type: "replace", frames: held, content: true }
  if (frame === end) return { type: "closing", closing: "turn-ends", frames: end }
  if (frame === fail) return { type: "failure", text: "fail" }
  return { type: "forward", content: frame.startsWith("data: say") }
}

type Likeness = (frame: string) => Alike | undefined
/** Any frame is said to have others like it, pings too: which ones may be asked for is not the reader's to know. */
const anything: Likeness = (frame) => [frame.slice(0, 9), "\n\n"]
const textOnly: Likeness = () => ['data: say "', '"\n\n']

type Setup = { readonly alike?: Likeness; readonly framing?: Framing }

function opened({ alike = anything, framing = sseFraming }: Setup = {}) {
  const read: string[] = []
  const faults: unknown[] = []
  let heard = 0
  const reader = {
    read: (frame: string) => {
      read.push(frame)
      return stepOf(frame)
    },
    alike,
    end: () => "",
    finished: false,
    shown: "nothing",
  } as const
  const frames = new StepFrames({ reader, framing }, { heardContent: () => (heard += 1) }, (error) => {
    faults.push(error)
  })
  return {
    frames,
    faults,
    /** What this chunk brings about. */
    pass: (chunk: string | Bytes) => {
      const pieces: Uint8Array[] = []
      read.length = 0
      heard = 0
      const bytes = typeof chunk === "string" ? bytesOf(chunk) : chunk
      const stop = frames.pass(bytes, (piece) => piece.length > 0 && pieces.push(piece))
      return { stop, pieces, text: pieces.map(textOf).join(""), read: [...read], heardContent: heard > 0 }
    },
  }
}

const bytesOf = (text: string): Bytes => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
/** One frame of so many bytes. */
const frameOf = (bytes: number): string => say("x".repeat(bytes - say("").length))

describe("content is heard", () => {
  test("in frames that go unread for they are alike", () => {
    const { pass } = opened()
    expect(pass(word)).toMatchObject({ read: [word], heardContent: true })
    expect(pass(word + word)).toMatchObject({ read: [], heardContent: true })
  })

  test.each([
    ["alone", [ping]],
    ["behind content", [word, ping]],
    ["behind content in the same piece", [word + ping]],
  ])("not in a ping, which is read each time: %s", (_when, before) => {
    const { pass } = opened()
    for (const chunk of before) pass(chunk)
    expect(pass(ping)).toMatchObject({ read: [ping], heardContent: false })
  })

  test("in a frame that is replaced, each time that one comes", () => {
    const { pass } = opened()
    pass(hold)
    expect(pass(hold)).toMatchObject({ text: held, read: [hold], heardContent: true })
  })
})

describe("a chunk", () => {
  test.each([
    ["a small one", word + word],
    ["frames of which only some are alike", word + ping + word + ping],
    ["a large one", frameOf(10_000) + word + word],
  ])("goes on as it is where nothing in it changes: %s", (_what, text) => {
    const { pass } = opened()
    pass(word)
    const chunk = bytesOf(text)
    const { pieces } = pass(chunk)
    expect(pieces).toHaveLength(1)
    expect(pieces[0]).toBe(chunk)
  })

  test("goes on as it is as well where no frame is like another", () => {
    const { pass } = opened({ alike: () => undefined })
    const chunk = bytesOf(frameOf(100).repeat(200))
    for (let count = 0; count < 5; count += 1) pass(chunk)
    const { pieces } = pass(chunk)
    expect(pieces).toHaveLength(1)
    expect(pieces[0]).toBe(chunk)
  })

  test("keeps what stands around a frame that is replaced", () => {
    const { pass } = opened()
    expect(pass(word + hold + ping + word).text).toBe(word + held + ping + word)
  })

  test("is read no further than it takes to see that the others are alike, also the first one", () => {
    const { pass } = opened()
    const { read, text } = pass(frameOf(100).repeat(1_000))
    expect(text).toBe(frameOf(100).repeat(1_000))
    expect(read.length).toBeLessThan(30)
  })

  test.each([
    ["a line", anything],
    ["a text", textOnly],
  ])(
    "costs in proportion to its length where nothing in it is like the frames before: up to %s",
    (_what, alike) => {
      const cpuOf = (pings: number): number => {
        const { pass } = opened({ alike })
        pass(word + word)
        const chunk = bytesOf(ping.repeat(pings))
        const before = process.cpuUsage()
        pass(chunk)
        const { user, system } = process.cpuUsage(before)
        return user + system
      }
      const least = (pings: number): number => Math.min(...Array.from({ length: 5 }, () => cpuOf(pings)))
      cpuOf(20_000)
      const few = least(2_000)
      // Searched anew for each, it is 400 times as much.
      expect(least(40_000) / few).toBeLessThan(80)
    },
  )

  test("that ends with an unfinished line of a CR stays in front of the next one", () => {
    const { pass } = opened()
    pass(word)
    expect(pass(": odd\r").text + pass(word + word).text).toBe(`: odd\n${word}${word}`)
  })

  test("of a framing that knows no blank line goes on at once", () => {
    const { pass } = opened({ framing: awsEventFraming })
    const message = awsEventFraming.encode(awsMessage({ headers: {}, payload: "{}" }))
    expect(pass(message).pieces).toEqual([message])
  })
})

describe("the beginning of a frame at the end of a chunk", () => {
  const halfWord = word.slice(0, 5)
  const otherHalf = word.slice(5)

  test.each([
    [mostHeld, 0],
    [mostHeld + 1, 1],
  ])("of %d bytes goes on with the next chunk, so many frames of which are read: %d", (bytes, count) => {
    const { pass } = opened()
    pass(word)
    const long = frameOf(6_000)
    expect(pass(word + long.slice(0, bytes)).text).toBe(word)
    const { read, text } = pass(long.slice(bytes) + word)
    expect(text).toBe(long + word)
    expect(read).toHaveLength(count)
  })

  test.each([
    [mostCopied, 1],
    [mostCopied + 1, 2],
  ])("goes on with a chunk of %d bytes in so many pieces: %d", (bytes, count) => {
    const { pass } = opened()
    pass(word)
    expect(pass(word + halfWord).text).toBe(word)
    const chunk = bytesOf(otherHalf + frameOf(bytes - otherHalf.length))
    const { pieces, text } = pass(chunk)
    expect(text).toBe(halfWord + textOf(chunk))
    expect(pieces).toHaveLength(count)
    expect(pieces.at(-1)?.buffer === chunk.buffer).toBe(count === 2)
  })

  test.each([
    [mostCopied, "a copy"],
    [mostCopied + 1, "a view"],
  ])("leaves of a chunk of %d bytes %s", (bytes, kind) => {
    const { pass } = opened()
    pass(word)
    const chunk = bytesOf(frameOf(bytes - halfWord.length) + halfWord)
    const { pieces } = pass(chunk)
    expect(pieces).toEqual([chunk.subarray(0, -halfWord.length)])
    expect(pieces[0]?.buffer === chunk.buffer).toBe(kind === "a view")
  })

  test("is kept whatever becomes of its chunk", () => {
    const { pass } = opened()
    pass(word)
    const chunk = bytesOf(word + halfWord)
    pass(chunk)
    chunk.fill(0)
    expect(pass(otherHalf).text).toBe(word)
  })

  test("is read with the rest of it where it is one that reading stops at", () => {
    const others = frameOf(9_000) + halfWord
    const { pass, frames } = opened()
    pass(word)
    expect(pass(word + fail.slice(0, 7)).text).toBe(word)
    const { stop, text } = pass(fail.slice(7) + others)
    expect(text).toBe("")
    expect(stop).toMatchObject({ step: { type: "failure" }, from: [fail] })
    expect(textOf(stop?.rest ?? bytesOf("none"))).toBe(others)
    expect(textOf(frames.stopReading(stop?.from ?? []))).toBe(fail)
    expect(frames.isUnread).toBe(true)
  })

  test("is what is left when nothing more comes", () => {
    const { pass, frames } = opened()
    pass(word + word)
    pass(halfWord)
    expect(textOf(frames.rest())).toBe(halfWord)
  })
})

describe("a frame that is too large to be held", () => {
  const most = 32 * 1024 * 1024
  const begin = (bytes: number): Bytes => bytesOf(`data: ${"x".repeat(bytes - 6)}`)

  test("passes through, as all behind it, unread, which is said once", () => {
    const { pass, frames, faults } = opened()
    pass(word)
    expect(pass(begin(most)).text).toBe("")
    expect(pass("y").pieces.map(({ length }) => length)).toEqual([most + 1])
    expect(pass(`\n\n${fail}`)).toMatchObject({ text: `\n\n${fail}`, read: [] })
    expect([frames.isUnread, faults.length]).toEqual([true, 1])
  })

  test("passes through at once where it says its length ahead", () => {
    const { pass, frames, faults } = opened({ framing: awsEventFraming })
    const prelude = Buffer.alloc(12)
    prelude.writeUInt32BE(most + 1, 0)
    prelude.writeUInt32BE(Bun.hash.crc32(prelude.subarray(0, 8)), 8)
    const beginning = Uint8Array.from(prelude)
    expect(pass(beginning).pieces).toEqual([beginning])
    expect([frames.isUnread, faults.length]).toEqual([true, 1])
  })

  test("is read where it has ended", () => {
    const { pass, frames, faults } = opened()
    pass(begin(most))
    expect(pass(`\n\n${fail}`).stop?.step.type).toBe("failure")
    expect([frames.isUnread, faults]).toEqual([false, []])
  })
})

/** All that goes on of an answer whose ends are passed on. */
function passedOn(text: string, sizes: readonly number[], alike: Likeness): string {
  const { frames } = opened({ alike })
  const pieces: Uint8Array[] = []
  const emit = (piece: Uint8Array): void => void pieces.push(piece)
  const goOn = (stop: Stop | undefined): void => {
    if (!stop) return
    const [first = "", ...others] = stop.from
    emit(bytesOf(first))
    goOn(frames.passFrames(others, stop.rest, emit))
  }
  const whole = bytesOf(text)
  for (let from = 0, index = 0; from < whole.length; index += 1) {
    const size = sizes[index % sizes.length] ?? whole.length
    goOn(frames.pass(whole.slice(from, from + size), emit))
    from += size
  }
  return textOf(Buffer.concat([...pieces, frames.rest()]))
}

describe("every byte goes on", () => {
  test("behind a second frame at which reading stops, too", () => {
    expect(passedOn(end + word + end + end + word, [1_000], anything)).toBe(end + word + end + end + word)
  })

  const lengths = fc.oneof(fc.nat(40), fc.constantFrom(mostHeld, mostCopied, 10_000))
  const lines = fc.oneof(
    lengths.map((length) => `data: say "${"ö".repeat(length)}"`),
    fc.constantFrom(": ping", "data: end", "data: fail", "data: odd", ""),
  )
  const ends = fc.constantFrom("\n\n", "\n\n", "\n\n", "\r\n\r\n", "\r\r", "\r", "\n", "")
  const answers = fc.array(fc.tuple(lines, ends), { minLength: 1, maxLength: 30 })
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: mostHeld - 2, max: 20_000 })),
    { minLength: 1, maxLength: 6 },
  )

  test.each([
    ["anything", anything],
    ["text", textOnly],
  ])("wherever an answer is cut and however its lines end, with frames alike but for %s", (_name, alike) => {
    fc.assert(
      fc.property(answers, sizes, (parts, cuts) => {
        const text = word + word + parts.flat().join("")
        expect(passedOn(text, cuts, alike)).toBe(text.replaceAll(/\r\n?/g, "\n"))
      }),
      { numRuns: 200 },
    )
  })
})
