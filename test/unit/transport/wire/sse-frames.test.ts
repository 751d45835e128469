import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { sseFraming } from "../../../../src/transport/wire/sse-frames.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const bytesOf = (text: string) => encoder.encode(text)

function split(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[]) {
  const splitter = sseFraming.splitter()
  const frames: string[] = []
  let passed = ""
  let start = 0
  for (const cut of [...cuts, bytes.length]) {
    const batch = splitter.push(splitter.prepare(bytes.slice(start, cut)))
    expect(decoder.decode(batch.bytes)).toBe(batch.frames.join(""))
    frames.push(...batch.frames)
    passed += batch.frames.join("")
    start = cut
  }
  return { frames, passed, rest: decoder.decode(splitter.rest()) }
}

const streams = [
  { name: "LF", frames: ["data: a\n\n", "event: x\ndata: é👋\n\n", ": c\n\n"], rest: "data: half" },
  { name: "CR LF", frames: ["data: a\r\n\r\n", "event: x\r\ndata: é👋\r\n\r\n"], rest: "data: half\r\n" },
  { name: "CR", frames: ["data: a\r\r", "event: x\rdata: é👋\r\r"], rest: "" },
  { name: "mixed", frames: ["data: a\n\r\n", "data: b\r\n\n", "data: c\r\r", "d: d\n\n"], rest: "e: \r" },
  { name: "stray blank lines", frames: ["\n\n", "\ndata: a\n\n"], rest: "\n" },
  { name: "several data lines", frames: ["data: a\ndata: b\nid: 1\n\n"], rest: ":" },
]

/** Lines that all end with LF. */
const plain = (text: string): string => text.replaceAll(/\r\n?/g, "\n")

describe("the frame splitter", () => {
  test.each(streams)("cuts a stream with $name into its frames, wherever its bytes are cut", (stream) => {
    const bytes = bytesOf(stream.frames.join("") + stream.rest)
    const frames = stream.frames.map(plain)
    const expected = { frames, passed: frames.join(""), rest: plain(stream.rest) }
    const everyByte = Array.from({ length: bytes.length + 1 }, (_, index) => index)
    for (const cuts of [[], everyByte, ...everyByte.map((cut) => [cut])])
      expect(split(bytes, cuts)).toEqual(expected)
  })

  test("loses and invents no byte but those of lines' ends, whatever comes", () => {
    const piece = fc.constantFrom("data: é\n", "\n", "\r", "\r\n", ": x", "👋", "\r\n\r\n")
    const property = fc.property(fc.array(piece), fc.array(fc.nat(60)), (pieces, cuts) => {
      const bytes = bytesOf(pieces.join(""))
      const inside = cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b)
      const { passed, rest } = split(bytes, inside)
      expect(passed + rest).toBe(plain(pieces.join("")))
      expect(rest).not.toContain("\n\n")
    })
    fc.assert(property, { numRuns: 500 })
  })

  test("hands back the very chunk that consists of whole frames", () => {
    const chunk = bytesOf("data: a\n\ndata: b\n\n")
    expect(sseFraming.splitter().push(chunk).bytes).toBe(chunk)
  })

  test("hands out a view, not a copy, of a chunk that ends within a frame", () => {
    const chunk = bytesOf("data: a\n\ndata: b")
    const batch = sseFraming.splitter().push(chunk)
    expect(batch.bytes.buffer).toBe(chunk.buffer)
    expect(decoder.decode(batch.bytes)).toBe("data: a\n\n")
  })

  test("keeps its rest when the consumer takes the chunk's buffer away", () => {
    const splitter = sseFraming.splitter()
    const chunk = bytesOf("data: a\n\ndata: b")
    splitter.push(chunk)
    structuredClone(chunk, { transfer: [chunk.buffer] })
    expect(splitter.push(bytesOf("\n\n")).frames).toEqual(["data: b\n\n"])
  })

  test("knows how much of a frame that has not ended it holds", () => {
    const splitter = sseFraming.splitter()
    const held = ["data: a\n\n", "da", "ta: b", "\n", "\ndata", ": c\n\n"].map((text) => {
      splitter.push(bytesOf(text))
      return splitter.restBytes
    })
    expect(held).toEqual([0, 2, 7, 8, 4, 0])
  })

  test("a chunk whose lines end with LF is read as it is", () => {
    const chunk = bytesOf("data: a\n\n")
    expect(sseFraming.splitter().prepare(chunk)).toBe(chunk)
  })
})
