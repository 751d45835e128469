/** Frames that are passed on unread, since they mean what one meant that was read: nothing may come of it. */
import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { watchStepResponse } from "../../../src/transport/step-response.ts"
import type { StreamFailure } from "../../../src/transport/stream-failure.ts"
import { AlikeFrames } from "../../../src/transport/wire/alike-frames.ts"
import { anthropicMessages } from "../../../src/transport/wire/anthropic-messages.ts"
import { openaiChat } from "../../../src/transport/wire/openai-chat.ts"
import { openaiResponses } from "../../../src/transport/wire/openai-responses.ts"
import type { Shown, WireProtocol, WireReader } from "../../../src/transport/wire/wire-types.ts"
import { drive, type Driven } from "./drive.ts"
import type { RecordedStream } from "./streams.ts"
import { wireRows } from "./wire-rows.ts"

const protocols: ReadonlyMap<string, WireProtocol> = new Map(
  [openaiChat, openaiResponses, anthropicMessages].map((protocol) => [protocol.name, protocol]),
)
const rows = wireRows.flatMap((row) => {
  const protocol = protocols.get(row.protocol)
  return protocol === undefined ? [] : [{ name: row.name, stream: row.stream, protocol }]
})

type Bytes = Uint8Array<ArrayBuffer>
type Watched = Pick<Driven, "body" | "shown"> & {
  readonly failures: readonly string[]
  readonly read: number
}

/** The answer as the fetch wrapper passes it on, cut into these chunks. */
async function watch(protocol: WireProtocol, chunks: readonly Bytes[]): Promise<Watched> {
  const failures: string[] = []
  const inner = protocol.open("m")
  let read = 0
  let shownAtFailure: Shown | undefined
  const reader: WireReader = {
    read: (frame) => {
      read += 1
      return inner.read(frame)
    },
    alike: (frame) => inner.alike?.(frame),
    end: () => inner.end(),
    get finished() {
      return inner.finished
    },
    get shown() {
      return inner.shown
    },
  }
  const body = new ReadableStream<Bytes>({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const timeouts = { firstTokenMs: 0, stallMs: 0, bytesMs: 0, sentAt: 0 }
  const response = watchStepResponse(new Response(body), { reader, framing: protocol.framing }, timeouts, {
    onFailure: (failure, shown) => {
      failures.push(nameOf(failure))
      shownAtFailure = shown
      return Promise.resolve("end")
    },
    onFault: (error) => failures.push(`fault: ${String(error)}`),
    abandon: () => undefined,
  })
  return { body: await response.text(), shown: shownAtFailure ?? inner.shown, failures, read }
}

function nameOf(failure: StreamFailure): string {
  return failure.type === "frame" ? failure.text : failure.type
}

function failuresOf({ outcome }: Driven): readonly string[] {
  if (outcome === "finished") return []
  return [typeof outcome === "string" ? outcome : outcome.failure]
}

/** A long answer: what is said stands in it again and again, and now and then something else. */
function longAnswer(stream: RecordedStream, kinds: readonly number[]): string {
  const { open, reasoning, text, tool, errors } = stream
  const others = [reasoning, text, text, text, [": ping\n\n"], tool, errors.slice(0, 1)]
  return [...open, ...text, ...kinds.flatMap((kind) => others[kind] ?? []), ...stream.close].join("")
}

/** What changes the meaning of a frame that looks like another. */
const tempting = ["\n", "\r", "\n\n", "\r\n\r\n", '"', "\\", "}", '"error":{"code":429},', "\\\n"]

type Insertion = readonly [place: number, text: string]

function withInsertions(text: string, insertions: readonly Insertion[]): string {
  return insertions.reduce((whole, [place, inserted]) => {
    const at = place % whole.length
    return whole.slice(0, at) + inserted + whole.slice(at)
  }, text)
}

function cut(bytes: Bytes, sizes: readonly number[]): Bytes[] {
  const chunks: Bytes[] = []
  for (let from = 0, index = 0; from < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? bytes.length
    chunks.push(bytes.slice(from, from + size))
    from += size
  }
  return chunks
}

describe.each(rows)("$name", ({ stream, protocol }) => {
  test("what is passed on, shown and found to fail is as if each frame had been read", async () => {
    const kinds = fc.array(fc.nat(6), { minLength: 1, maxLength: 12 })
    const insertions = fc.array(fc.tuple(fc.nat(9_999), fc.constantFrom(...tempting)), { maxLength: 3 })
    const sizes = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(kinds, insertions, sizes, async (order, inserted, pieces) => {
        // What stands behind the last blank line is no frame.
        const text = `${withInsertions(longAnswer(stream, order), inserted)}\n\n`
        const bytes = protocol.framing.encode(text)
        const { body, shown, failures } = await watch(protocol, cut(bytes, pieces))
        const driven = drive(protocol, [bytes])
        // A blank line too many belongs to no frame.
        expect({ body: body.trimEnd(), shown, failures }).toEqual({
          body: driven.body.trimEnd(),
          shown: driven.shown,
          failures: failuresOf(driven),
        })
      }),
      { numRuns: 300 },
    )
  })

  /** A frame from which others are known. */
  const known = stream.text.findLast((frame) => protocol.open("m").alike?.(frame) !== undefined) ?? ""
  const [error = ""] = stream.errors

  test.each([
    ["a line of the frame before", [known, error.slice(0, -1), known]],
    ["a blank line of CR", [known, known.replace(/\n\n$/, "\r\r") + error]],
    ["no data", [known, `${known.split("\n")[0]}\n\n${error}`]],
  ])("%s is seen between frames that look alike", async (_name, chunks) => {
    const bytes = chunks.map((chunk) => protocol.framing.encode(chunk))
    const { body, failures } = await watch(protocol, bytes)
    const driven = drive(protocol, bytes)
    expect({ body, failures }).toEqual({ body: driven.body, failures: failuresOf(driven) })
  })

  test("nearly all of a long text goes unread", async () => {
    const bytes = protocol.framing.encode(
      [...stream.open, ...stream.text, ...Array.from({ length: 800 }, () => known), ...stream.stop].join(""),
    )
    const { body, read, failures } = await watch(protocol, cut(bytes, [4_000]))
    expect(body).toBe(new TextDecoder().decode(bytes))
    expect(failures).toEqual([])
    expect(read).toBeLessThan(800 / 4)
  })
})

describe("of chat completions", () => {
  /** @param inside of the JSON string, as it stands in the bytes */
  const said = (inside: string) => `data: {"choices":[{"delta":{"content":"${inside}"}}]}\n\n`
  /** One byte a character. */
  const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "latin1"))
  const skimmed = (text: string): number => {
    const frames = new AlikeFrames()
    frames.learn(openaiChat.open("m"), said("word"))
    return frames.skim(bytesOf(text), 0)
  }

  test.each([
    ["nothing", ""],
    ["the end of a frame", "wo\n\nrd"],
    ["the end of a line", "wo\rrd"],
    ["a quote, and more behind it", 'wo","error":{"code":429},"x":"rd'],
    ["an escaped quote and no other", "word\\"],
  ])("a frame in whose text stands %s is read", (_what, inside) => {
    expect(skimmed(said(inside))).toBe(0)
  })

  test.each([
    ["an escaped quote", 'a \\"word\\"'],
    ["an escaped backslash at the end", "word\\\\"],
    ["an escaped end of a line", "word\\n"],
    ["bytes of other scripts", "\u00c3\u00a4\u00e6\u0097\u00a5"],
  ])("a frame in whose text stands %s goes unread", (_what, inside) => {
    expect(skimmed(said(inside))).toBe(said(inside).length)
  })

  /** As OpenRouter says a thought. */
  const twice = (thought: string, again: string, more = "") => {
    const detail = `{"type":"reasoning.text","text":"${again}"${more}}`
    return `data: {"choices":[{"delta":{"content":"","reasoning":"${thought}","reasoning_details":[${detail}]}}]}\n\n`
  }

  test.each([
    ["goes unread with both", twice("other", "other"), true],
    ["is read where the second is empty", twice("other", ""), false],
    ["is read where more stands behind the second", twice("other", "other", ',"error":{"code":429}'), false],
    ["is read where the first has no end", twice("other", "other").replace('other",', "other,"), false],
  ])("a text that is said twice %s", (_what, frame, isUnread) => {
    const frames = new AlikeFrames()
    frames.learn(openaiChat.open("m"), twice("word", "word"))
    const row = bytesOf(frame + frame)
    expect(frames.skim(row, 0)).toBe(isUnread ? row.length : 0)
    if (!isUnread) return
    for (let cut = 0; cut < frame.length; cut += 1) {
      expect(frames.skim(row.slice(0, frame.length + cut), 0)).toBe(frame.length)
      expect(frames.isCut).toBe(cut > 0)
    }
  })

  test("a frame in which nothing is said teaches nothing", () => {
    const encrypted = `data: {"choices":[{"delta":{"reasoning_details":[{"data":"x"}]}}]}\n\n`
    expect(openaiChat.open("m").alike?.(encrypted)).toBeUndefined()
  })

  test("frames that are all different are learned from eight times, and again where one was of use", () => {
    const reader = openaiChat.open("m")
    const frames = new AlikeFrames()
    const other = (index: number): string => said("word").replace("{", `{"at":${index},`)
    const learn = (count: number): void => {
      for (let index = 0; index < count; index += 1) frames.learn(reader, other(index))
    }
    learn(8)
    expect(frames.isKnown).toBe(true)
    expect(frames.skim(bytesOf(other(7)), 0)).toBe(other(7).length)
    learn(8)
    expect(frames.isKnown).toBe(true)
    learn(1)
    expect(frames.isKnown).toBe(false)
    learn(1)
    expect(frames.isKnown).toBe(false)
  })

  test("a text that is too long to be compared teaches nothing", () => {
    const reader = openaiChat.open("m")
    const frames = new AlikeFrames()
    for (const text of ["word", "x".repeat(3_000)]) frames.learn(reader, said(text))
    expect(frames.skim(bytesOf(said("other")), 0)).toBe(said("other").length)
  })

  test("a row of frames goes unread up to the first that is another one", () => {
    const row = Array.from({ length: 5_000 }, (_, index) => said(`word ${index}`)).join("")
    expect(skimmed(`${row}data: [DONE]\n\n`)).toBe(row.length)
    expect(skimmed(row + said("half").slice(0, -1))).toBe(row.length)
  })
})
