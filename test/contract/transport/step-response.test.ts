/** What watching an answer promises: to the consumer of the stream, to the provider, and to the turn. */
import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import * as fc from "fast-check"
import { watchStepResponse } from "../../../src/transport/step-response.ts"
import {
  CutStreamError,
  type StreamAnswer,
  type StreamFailure,
} from "../../../src/transport/stream-failure.ts"
import type { Framing } from "../../../src/transport/wire/framing.ts"
import { openaiChat } from "../../../src/transport/wire/openai-chat.ts"
import type { WireReader } from "../../../src/transport/wire/wire-types.ts"

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "1", choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
const opening = chunk({ role: "assistant", content: "" })
const hello = chunk({ content: "hello" })
const finish = chunk({}, "stop")
const done = "data: [DONE]\n\n"
const finishAfterText = hello + finish
const errorFrame = `data: ${JSON.stringify({ error: { message: "Overloaded", type: "overloaded" } })}\n\n`

type Options = {
  readonly answer?: StreamAnswer | (() => Promise<StreamAnswer>)
  readonly firstTokenMs?: number
  readonly stallMs?: number
  readonly bytesMs?: number
  readonly sentAgoMs?: number
  readonly reader?: WireReader
  readonly framing?: Partial<Framing>
  readonly contentType?: string
  readonly beforeEnd?: (closing: string) => Promise<void>
  /** What the connection takes to be let go. */
  readonly cancelled?: Promise<void>
}

/** A provider that is driven by hand, and the watched response that a consumer gets. */
function watched(options: Options = {}) {
  let source: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined
  const log = {
    pulls: 0,
    cancelled: false,
    abandoned: 0,
    finished: 0,
    faults: [] as unknown[],
    closings: [] as string[],
  }
  const failures: StreamFailure[] = []
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      start: (controller) => {
        source = controller
      },
      pull: () => {
        log.pulls += 1
      },
      cancel: () => {
        log.cancelled = true
        return options.cancelled
      },
    },
    { highWaterMark: 0 },
  )
  const response = watchStepResponse(
    new Response(body, { headers: { "content-type": options.contentType ?? "text/event-stream" } }),
    {
      reader: options.reader ?? openaiChat.open("m"),
      framing: { ...openaiChat.framing, ...options.framing },
    },
    {
      firstTokenMs: options.firstTokenMs ?? 0,
      stallMs: options.stallMs ?? 0,
      bytesMs: options.bytesMs ?? 0,
      sentAt: performance.now() - (options.sentAgoMs ?? 0),
    },
    {
      beforeEnd: (closing) => {
        log.closings.push(closing)
        return options.beforeEnd?.(closing) ?? Promise.resolve()
      },
      onFailure: (failure) => {
        failures.push(failure)
        const { answer = "end" } = options
        return typeof answer === "function" ? answer() : Promise.resolve(answer)
      },
      onFinished: () => (log.finished += 1),
      onFault: (error) => log.faults.push(error),
      abandon: () => (log.abandoned += 1),
    },
  )
  const encoder = new TextEncoder()
  return {
    response,
    log,
    failures,
    say: (...texts: readonly string[]) => {
      for (const text of texts) source?.enqueue(encoder.encode(text))
    },
    sayBytes: (bytes: Uint8Array<ArrayBuffer>) => {
      if (bytes.length > 0) source?.enqueue(bytes)
    },
    close: () => source?.close(),
    fail: (error: unknown) => source?.error(error),
    reader: () => response.body?.getReader() ?? nobody(),
  }
}

/** Takes an error for one wherever it comes. */
function strictReader(): WireReader {
  const inner = openaiChat.open("m")
  return {
    read: (frame) => (frame === errorFrame ? { type: "failure", text: frame } : inner.read(frame)),
    end: () => inner.end(),
    get finished() {
      return inner.finished
    },
    get shown() {
      return inner.shown
    },
  }
}

function nobody(): never {
  throw new Error("the response has no body")
}

async function restOf(reader: ReturnType<ReturnType<typeof watched>["reader"]>): Promise<string> {
  let rest = ""
  for (let read = await reader.read(); !read.done; read = await reader.read()) rest += decoded(read.value)
  return rest
}

const decoded = (value: Uint8Array | undefined): string => new TextDecoder().decode(value)
const ended = (text: string): void => {
  expect(text).toContain('"finish_reason":"tool_calls"')
  expect(text).toEndWith(done)
}

describe("a good answer", () => {
  test("passes through byte for byte and is reported as finished once", async () => {
    const { response, say, close, log, failures } = watched()
    say(opening, hello, finish, done)
    close()
    expect(await response.text()).toBe(opening + hello + finish + done)
    expect(log).toMatchObject({ finished: 1, abandoned: 0, faults: [] })
    expect(failures).toEqual([])
  })

  test("keeps status, headers and address", () => {
    const original = new Response("data: {}\n\n", { status: 203, headers: { "x-request-id": "7" } })
    Object.defineProperty(original, "url", { value: "http://provider/v1" })
    const copy = watchStepResponse(
      original,
      { reader: openaiChat.open("m"), framing: openaiChat.framing },
      { firstTokenMs: 0, stallMs: 0, bytesMs: 0, sentAt: 0 },
      {
        onFailure: () => Promise.resolve("pass"),
        onFault() {},
        abandon() {},
      },
    )
    expect([copy.status, copy.headers.get("x-request-id"), copy.url]).toEqual([
      203,
      "7",
      "http://provider/v1",
    ])
  })

  test("cut anywhere into chunks passes through byte for byte", async () => {
    const whole = new TextEncoder().encode(opening + hello + chunk({ content: "grüße 🌍" }) + finish + done)
    const places = fc.array(fc.integer({ min: 0, max: whole.length }), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(places, async (cuts) => {
        const { response, sayBytes, close, failures } = watched()
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), whole.length]
        for (const [index, end] of bounds.slice(1).entries()) sayBytes(whole.slice(bounds[index], end))
        close()
        expect(await response.bytes()).toEqual(whole)
        expect(failures).toEqual([])
      }),
      { numRuns: 100 },
    )
  })

  test("is streamed: each frame reaches the consumer before the next is sent", async () => {
    const { reader: open, say } = watched()
    const reader = open()
    for (const frame of [opening, hello, hello]) {
      say(frame)
      expect(decoded((await reader.read()).value)).toBe(frame)
    }
  })

  test("is no more pieces for its consumer than were sent, wherever frames are cut", async () => {
    const { reader: open, say } = watched()
    const reader = open()
    say(hello)
    await reader.read()
    const [begin, end] = [hello.slice(0, 30), hello.slice(30)]
    for (const piece of [hello + begin, end + hello + begin, end + hello]) {
      say(piece)
      expect(decoded((await reader.read()).value)).toEndWith(hello)
    }
    let more = false
    void reader.read().then(() => (more = true))
    await Bun.sleep(1)
    expect(more).toBe(false)
  })

  test("in a large piece behind the beginning of a frame passes through byte for byte", async () => {
    const { response, say, close } = watched()
    const long = hello.repeat(200)
    say(hello, hello.slice(0, 30), hello.slice(30) + long + hello.slice(0, 9), hello.slice(9) + finish)
    close()
    expect(await response.text()).toBe(hello + hello + long + hello + finish)
  })

  test("is not read ahead of its consumer", async () => {
    const { reader: open, say, log } = watched()
    const reader = open()
    await Bun.sleep(5)
    expect(log.pulls).toBe(0)
    const first = reader.read()
    say(hello)
    await first
    await Bun.sleep(5)
    expect(log.pulls).toBe(1)
  })

  test("is closed towards the provider when its consumer cancels", async () => {
    const { reader: open, say, log, failures } = watched()
    const reader = open()
    say(hello)
    await reader.read()
    const next = reader.read()
    await reader.cancel("enough")
    expect(await next).toEqual({ done: true, value: undefined })
    expect(log).toMatchObject({ cancelled: true, abandoned: 1 })
    expect(failures).toEqual([])
  })

  test("is let go only when the connection is", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { reader: open, log } = watched({ cancelled: promise })
    let left = false
    const leaving = open()
      .cancel("enough")
      .then(() => (left = true))
    await Bun.sleep(0)
    expect({ left, cancelled: log.cancelled }).toEqual({ left: false, cancelled: true })
    resolve()
    await leaving
  })
})

describe("an answer that is complete", () => {
  test("is not undone by a reset afterwards", async () => {
    const { response, say, fail, failures, log } = watched()
    const text = response.text()
    say(hello, finish)
    await Bun.sleep(5)
    fail(new Error("ECONNRESET"))
    expect(await text).toStartWith(hello + finish)
    expect(failures).toEqual([])
    expect(log.finished).toBe(1)
  })

  test("is not undone by a close without [DONE]", async () => {
    const { response, say, close, failures } = watched()
    say(hello, finish)
    close()
    expect(await response.text()).toStartWith(hello + finish)
    expect(failures).toEqual([])
  })

  test.each([
    ["as it came", {}, "data: half"],
    ["but for half a frame of a binary one", { isBinary: true } as const, ""],
  ])("passes on whatever comes behind its end, %s", async (_, framing, half) => {
    const { response, say, close } = watched({ framing })
    say(hello, finish, done, ": more\n\n", "data: half")
    close()
    expect(await response.text()).toBe(`${hello}${finish}${done}: more\n\n${half}`)
  })

  test("does not stall: the connection that stays open is let go", async () => {
    const { response, say, failures, log } = watched({ stallMs: 20 })
    say(hello, finish)
    expect(await response.text()).toStartWith(hello + finish)
    expect(failures).toEqual([])
    expect(log).toMatchObject({ abandoned: 1, cancelled: true })
  })
})

describe("the end of an answer", () => {
  const calls = chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "t", arguments: "{}" } }] })

  test("waits until what must come before it is done; nothing before it does", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { reader: open, say, close, log } = watched({ beforeEnd: () => promise })
    const reader = open()
    say(hello + finish + done)
    close()
    expect(decoded((await reader.read()).value)).toBe(hello)
    const rest = restOf(reader)
    await Bun.sleep(1)
    expect(log).toMatchObject({ closings: ["turn-ends"], finished: 0 })
    resolve()
    expect(await rest).toBe(finish + done)
    expect(log.finished).toBe(1)
  })

  test.each([
    ["text", hello + finish, ["turn-ends"]],
    ["a call", calls + chunk({}, "tool_calls"), ["goes-on"]],
    ["a call and [DONE] alone", calls + done, ["goes-on"]],
    ["two finish reasons", hello + finish + finish, ["turn-ends"]],
    ["a cut", hello, []],
    ["an error", hello + errorFrame, []],
  ])("is told by what it means: %s", async (_name, body, closings) => {
    const { response, say, close, log } = watched()
    say(body)
    close()
    await response.text()
    expect(log.closings).toEqual(closings)
  })

  test.each([
    ["", finishAfterText],
    ["also one with nothing in it", opening + finish],
  ])("is not passed on to a consumer that left meanwhile%s", async (_name, body) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { reader: open, say, log } = watched({ beforeEnd: () => promise, answer: "pass" })
    const reader = open()
    const read = reader.read()
    say(body)
    await read
    const next = reader.read()
    await Bun.sleep(1)
    await reader.cancel("Esc")
    resolve()
    expect((await next).done).toBe(true)
    expect(log.finished).toBe(0)
  })

  test("is not the last word: a failure that is read behind it is one, and every byte goes on", async () => {
    const { response, say, close, log, failures } = watched({ reader: strictReader(), answer: "pass" })
    say(hello + finish + errorFrame + hello)
    close()
    expect(await response.text()).toBe(hello + finish + errorFrame + hello)
    expect(failures.map((failure) => failure.type)).toEqual(["frame"])
    expect(log).toMatchObject({ closings: ["turn-ends"], finished: 1 })
  })
})

describe("an answer with nothing in it", () => {
  const nothing = opening + finish + done
  const blocked = opening + chunk({}, "content_filter") + done

  test.each([
    ["empty", nothing],
    ["filtered", blocked],
  ] as const)("is a failure of its own kind, and can be ended well-formed: %s", async (type, frames) => {
    const { response, say, close, failures, log } = watched({ answer: "end" })
    say(frames)
    close()
    const text = await response.text()
    ended(text)
    expect(text).not.toMatch(/"stop"|"content_filter"/)
    expect(failures).toEqual([{ type }])
    expect(log).toMatchObject({ closings: [], finished: 0, abandoned: 1 })
  })

  test.each([
    ["pass", nothing],
    ["break", nothing],
    ["pass", blocked],
    ["break", blocked],
  ] as const)("is the answer where it is let through: %s", async (answer, frames) => {
    const { response, say, close, log } = watched({ answer })
    say(frames)
    close()
    expect(await response.text()).toBe(frames)
    expect(log).toMatchObject({ closings: ["turn-ends"], finished: 1, abandoned: 0 })
  })

  test("and a word over which OpenCode would ask for ever is a cut", async () => {
    const { response, say, close, failures } = watched({ answer: "end" })
    say(opening, chunk({}, "eos"), done)
    close()
    ended(await response.text())
    expect(failures).toEqual([{ type: "cut" }])
  })

  test("and such a word breaks where nobody can take over, at once", async () => {
    const { response, say, failures } = watched({ answer: "break" })
    say(opening, chunk({}, "tool_calls"), done)
    expect(await response.text().catch((error: unknown) => error)).toBeInstanceOf(CutStreamError)
    expect(failures).toEqual([{ type: "cut" }])
  })
})

describe("an answer that fails", () => {
  const rows: readonly (readonly [
    name: string,
    fault: (w: ReturnType<typeof watched>) => void,
    type: string,
  ])[] = [
    ["an error frame", (w) => w.say(errorFrame), "frame"],
    ["a close without an end", (w) => w.close(), "cut"],
    ["a close in the middle of a frame", (w) => (w.say('data: {"choi'), w.close()), "cut"],
    ["an error without the blank line", (w) => (w.say(errorFrame.trimEnd()), w.close()), "frame"],
    ["a reset", (w) => w.fail(new Error("reset")), "thrown"],
  ]
  for (const [name, breakIt, type] of rows) {
    test(`through ${name} is ended well-formed, and what was shown stays`, async () => {
      const w = watched()
      const reader = w.reader()
      w.say(hello)
      expect(decoded((await reader.read()).value)).toBe(hello)
      breakIt(w)
      const rest = await restOf(reader)
      ended(rest)
      expect(rest).not.toContain("Overloaded")
      expect(w.failures.map((failure) => failure.type)).toEqual([type as StreamFailure["type"]])
      expect(w.log).toMatchObject({ abandoned: 1, finished: 0, faults: [] })
    })
  }

  test.each([
    ["well-formed", errorFrame, "end"],
    ["with an error", errorFrame, new Error("nobody is left")],
    ["with a break of ours", hello + chunk({}, "network_error"), "break"],
  ] as const)("and is ended %s lets go of a connection that stays open", async (_name, body, answer) => {
    const { response, say, log } = watched({ answer })
    say(body)
    await response.text().catch(String)
    expect(log).toMatchObject({ abandoned: 1, cancelled: true })
  })

  test("through an error frame that is let pass arrives as it came and is judged once", async () => {
    const { response, say, close, failures, log } = watched({ answer: "pass" })
    say(hello, errorFrame + hello)
    close()
    expect(await response.text()).toBe(hello + errorFrame + hello)
    expect(failures).toHaveLength(1)
    expect(log).toMatchObject({ closings: [], finished: 0 })
  })

  test("for it has no body at all is a cut that can be ended", async () => {
    const failures: StreamFailure[] = []
    const empty = new Response(null, { status: 204 })
    const response = watchStepResponse(
      empty,
      { reader: openaiChat.open("m"), framing: openaiChat.framing },
      { firstTokenMs: 0, stallMs: 0, bytesMs: 0, sentAt: 0 },
      {
        onFailure: (failure) => (failures.push(failure), Promise.resolve("end")),
        onFault() {},
        abandon() {},
      },
    )
    ended(await response.text())
    expect([response.status, failures]).toEqual([200, [{ type: "cut" }]])
  })

  test("through a thrown error that is let pass gives the consumer that very error", async () => {
    const { response, say, fail } = watched({ answer: "pass" })
    const error = new Error("reset")
    const text = response.text().catch((thrown: unknown) => thrown)
    say(hello)
    await Bun.sleep(1)
    fail(error)
    expect(await text).toBe(error)
  })

  test("and was let pass is not judged again when the connection breaks", async () => {
    const { reader: open, say, fail, failures } = watched({ answer: "pass" })
    const reader = open()
    say(errorFrame)
    expect(decoded((await reader.read()).value)).toBe(errorFrame)
    const error = new Error("reset")
    fail(error)
    expect(await reader.read().catch((thrown: unknown) => thrown)).toBe(error)
    expect(failures).toHaveLength(1)
  })

  test("through a cut that is let pass closes as it came", async () => {
    const { response, say, close } = watched({ answer: "pass" })
    say(hello, "data: {")
    close()
    expect(await response.text()).toBe(`${hello}data: {`)
  })

  test("through a cut in a frame that looked like others is let pass with what came of it", async () => {
    const { response, say, close, failures } = watched({ answer: "pass" })
    say(hello, hello.slice(0, -9))
    close()
    expect(await response.text()).toBe(hello + hello.slice(0, -9))
    expect(failures).toEqual([{ type: "cut" }])
  })

  test("through a cut that nobody can take over breaks with an error", async () => {
    const { response, say, close } = watched({ answer: "break" })
    say(hello)
    close()
    expect(await response.text().catch((error: unknown) => error)).toBeInstanceOf(CutStreamError)
  })

  test("with nothing but a JSON error under status 200 is judged by that error", async () => {
    const error = JSON.stringify({ code: "1302", msg: "rate limit" })
    const { response, say, close, failures } = watched({ contentType: "application/json" })
    say(error)
    close()
    ended(await response.text())
    expect(failures).toEqual([{ type: "frame", text: error }])
  })

  test.each<[string, StreamAnswer]>([
    ["as an end", "end"],
    ["as an error", new Error("nobody is left")],
  ])("while its consumer leaves, ends nothing any more: %s", async (_name, answer) => {
    const judged = Promise.withResolvers<StreamAnswer>()
    const { reader: open, say, log } = watched({ answer: () => judged.promise })
    const reader = open()
    const read = reader.read()
    say(errorFrame)
    await Bun.sleep(1)
    await reader.cancel("Esc")
    judged.resolve(answer)
    expect(await read).toEqual({ done: true, value: undefined })
    expect(log.abandoned).toBe(1)
  })
})

describe("silence", () => {
  const limitMs = 40
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const start = performance.now()
    await run()
    return performance.now() - start
  }

  test("before the first byte is counted from the sending of the request", async () => {
    const { response, failures } = watched({ firstTokenMs: 60_000, sentAgoMs: 60_000 - limitMs })
    const took = await timed(() => response.text())
    expect(took).toBeGreaterThan(limitMs - 5)
    expect(took).toBeLessThan(30_000)
    expect(failures).toMatchObject([{ type: "silence" }])
  })

  test("after an opening frame still counts as no first token", async () => {
    const { response, say, failures } = watched({ firstTokenMs: limitMs })
    say(opening)
    ended(await response.text())
    expect(failures).toMatchObject([{ type: "silence", afterMs: limitMs }])
  })

  test("of bytes is met just before the host's own timer, also where pings are no content", async () => {
    const { response, say, failures } = watched({ bytesMs: limitMs, stallMs: 1_000 })
    say(hello, ": ping\n\n")
    ended(await response.text())
    expect(failures).toEqual([{ type: "silence", afterMs: limitMs }])
  })

  test("in the middle of a reply is a stall", async () => {
    const { response, say, failures } = watched({ stallMs: limitMs })
    say(hello)
    ended(await response.text())
    expect(failures).toEqual([{ type: "silence", afterMs: limitMs }])
  })

  const anHour = 3_600_000
  /** On a clock that is driven by hand: a limit that starts anew would hang the test. */
  describe("on a clock driven by hand", () => {
    beforeEach(() => void jest.useFakeTimers())
    afterEach(() => void jest.useRealTimers())
    /** What was said has been read: these timers are not driven by a clock. */
    const settled = async (): Promise<void> => {
      for (let count = 0; count < 30; count += 1) await Promise.resolve()
    }
    const passTime = (ms: number): void => void jest.advanceTimersByTime(ms)

    for (const [name, sign] of [
      ["a comment", ": keep-alive\n\n"],
      ["a single byte of a frame", " "],
      ["an empty delta", chunk({ content: "" })],
    ] as const)
      for (const [when, opened, timeouts] of [
        ["before the first token", opening, { firstTokenMs: anHour }],
        ["after it", hello, { stallMs: anHour }],
      ] as const)
        test(`is not broken by ${name}, ${when}`, async () => {
          const { response, say, failures } = watched(timeouts)
          const text = response.text()
          say(opened)
          for (let passed = 0; passed < anHour; passed += anHour / 4) {
            await settled()
            passTime(anHour / 4)
            say(sign)
          }
          ended(await text)
          expect(failures).toEqual([{ type: "silence", afterMs: anHour }])
        })

    test("is broken by content, a held fragment of a call too", async () => {
      const { response, say, close, failures } = watched({ stallMs: 1_000 })
      const text = response.text()
      const fragment = (part: string): string =>
        chunk({ tool_calls: [{ index: 0, id: "a", function: { name: "t", arguments: part } }] })
      for (const frame of [hello, hello, fragment("{"), fragment(" "), fragment("}")]) {
        say(frame)
        await settled()
        passTime(900)
      }
      say(finish)
      close()
      await text
      expect(failures).toEqual([])
    })

    test("is broken by bytes that go unread, for they are alike", async () => {
      const { response, say, close, failures } = watched({ stallMs: 1_000 })
      const text = response.text()
      say(hello)
      for (let count = 0; count < 5; count += 1) {
        await settled()
        passTime(900)
        say(hello)
      }
      say(finish)
      close()
      expect(await text).toEndWith(finish)
      expect(failures).toEqual([])
    })

    test("is not broken by a ping between frames that are alike", async () => {
      const { response, say, failures } = watched({ stallMs: anHour })
      const text = response.text()
      say(hello, hello)
      for (let passed = 0; passed < anHour; passed += anHour / 4) {
        await settled()
        passTime(anHour / 4)
        say(": ping\n\n")
      }
      ended(await text)
      expect(failures).toEqual([{ type: "silence", afterMs: anHour }])
    })

    test("is not counted while the consumer is slow", async () => {
      const { reader: open, say, failures } = watched({ firstTokenMs: anHour, stallMs: anHour })
      const reader = open()
      for (let count = 0; count < 2; count += 1) {
        say(hello)
        expect(decoded((await reader.read()).value)).toBe(hello)
        jest.advanceTimersByTime(2 * anHour)
      }
      expect(failures).toEqual([])
    })

    test("is not counted where nothing is read any more", async () => {
      const { reader: open, say, failures } = watched({ stallMs: anHour, answer: "pass" })
      const reader = open()
      say(hello, errorFrame, hello)
      for (const frame of [hello, errorFrame, hello]) expect(decoded((await reader.read()).value)).toBe(frame)
      const next = reader.read()
      await Promise.resolve()
      jest.advanceTimersByTime(2 * anHour)
      say(hello)
      expect(decoded((await next).value)).toBe(hello)
      expect(failures).toHaveLength(1)
    })

    test.each([
      ["a good end", (w: ReturnType<typeof watched>) => w.close()],
      ["a break", (w: ReturnType<typeof watched>) => w.fail(new Error("reset"))],
    ])("leaves no timer behind after %s", async (_name, finishIt) => {
      const w = watched({ stallMs: anHour, answer: "pass" })
      const reader = w.reader()
      w.say(hello, ": ping\n\n")
      await reader.read()
      await reader.read()
      expect(jest.getTimerCount()).toBe(1)
      finishIt(w)
      await reader.read().catch(() => undefined)
      expect(jest.getTimerCount()).toBe(0)
    })

    test("is not counted when the consumer has left", async () => {
      const { reader: open, say } = watched({ stallMs: anHour })
      const reader = open()
      say(hello)
      await reader.read()
      const next = reader.read()
      await Promise.resolve()
      expect(jest.getTimerCount()).toBe(1)
      await reader.cancel("Esc")
      await next
      expect(jest.getTimerCount()).toBe(0)
    })
  })

  /** An answer whose first token is late already, and the verdict on that still to come. */
  async function late() {
    const verdict = Promise.withResolvers<StreamAnswer>()
    const asked = Promise.withResolvers<void>()
    const answer = (): Promise<StreamAnswer> => {
      asked.resolve()
      return verdict.promise
    }
    const provider = watched({ firstTokenMs: 1, sentAgoMs: 1_000, answer })
    const text = provider.response.text().catch((error: unknown) => error)
    await asked.promise
    return { ...provider, text, judge: verdict.resolve }
  }

  test("that is being dealt with is not undone by a chunk", async () => {
    const { text, say, judge } = await late()
    say(hello)
    await Bun.sleep(0)
    judge("end")
    const rest = String(await text)
    ended(rest)
    expect(rest).not.toContain(hello)
  })

  test("that is being dealt with loses no chunk where nobody can take over", async () => {
    const { text, say, close, judge, failures } = await late()
    say(hello)
    await Bun.sleep(0)
    judge("pass")
    say(finish)
    close()
    expect(await text).toBe(hello + finish)
    expect(failures).toHaveLength(1)
  })

  test("that is being dealt with is the failure, not the break that follows", async () => {
    const { text, fail, judge, failures } = await late()
    fail(new Error("reset"))
    await Bun.sleep(0)
    judge("end")
    ended(String(await text))
    expect(failures).toEqual([{ type: "silence", afterMs: 1 }])
  })

  test.each(["before", "after"])(
    "that ends with an error is the only failure, also where the connection breaks %s it",
    async (when) => {
      const { text, fail, judge, failures } = await late()
      const error = new Error("nobody is left")
      if (when === "before") fail(new Error("reset"))
      await Bun.sleep(0)
      judge(error)
      expect(await text).toBe(error)
      if (when === "after") fail(new Error("aborted"))
      await Bun.sleep(0)
      expect(failures).toHaveLength(1)
    },
  )

  test("that nobody can take over is waited out, and no chunk is lost", async () => {
    const { response, say, close, failures } = watched({ stallMs: limitMs, answer: "pass" })
    const text = response.text()
    say(hello)
    await Bun.sleep(limitMs * 3)
    say(hello)
    await Bun.sleep(limitMs * 3)
    say(finish)
    close()
    expect(await text).toBe(hello + hello + finish)
    expect(failures).toHaveLength(1)
  })
})

describe("a frame that is too large to be read", () => {
  const huge = `data: ${"x".repeat(33 * 1024 * 1024)}`

  test("passes, and all behind it, which is reported", async () => {
    const { response, say, close, log, failures } = watched()
    say(huge, `\n\n${hello}`, errorFrame)
    close()
    expect(await response.text()).toBe(`${huge}\n\n${hello}${errorFrame}`)
    expect(log.faults).toHaveLength(1)
    expect(failures).toEqual([])
  })

  test("and over which the connection breaks is not ended, for nothing can be written behind it", async () => {
    const { response, say, fail, failures } = watched()
    const text = response.text().catch((thrown: unknown) => thrown)
    const error = new Error("reset")
    say(huge)
    await Bun.sleep(0)
    fail(error)
    expect(await text).toBe(error)
    expect(failures).toEqual([])
  })
})

describe("an internal error", () => {
  test("in reading is reported, and the stream passes through from its first unread byte", async () => {
    const good = openaiChat.open("m")
    let frames = 0
    const reader: WireReader = {
      read: (frame) => {
        frames += 1
        if (frames === 2) throw new Error("injected")
        return good.read(frame)
      },
      end: () => good.end(),
      get finished() {
        return good.finished
      },
      get shown() {
        return good.shown
      },
    }
    const { response, say, close, log, failures } = watched({ reader })
    say(opening, `${hello}${hello}data: {`, `}\n\n`, errorFrame)
    close()
    expect(await response.text()).toBe(`${opening}${hello}${hello}data: {}\n\n${errorFrame}`)
    expect(log.faults).toHaveLength(1)
    expect(failures).toEqual([])
  })
})
