import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { createFrameSplitter } from "../../../../src/transport/wire/sse-frames.ts"

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const bytesOf = (text: string) => encoder.encode(text)

function split(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[]) {
  const splitter = createFrameSplitter()
  const frames: string[] = []
  let passed = ""
  let start = 0
  for (const cut of [...cuts, bytes.length]) {
    const batch = splitter.push(bytes.slice(start, cut))
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
  { name: "stray blank lines", frames: ["\n", "\n", "data: a\n\n", "\n"], rest: "" },
  { name: "several data lines", frames: ["data: a\ndata: b\nid: 1\n\n"], rest: ":" },
]

describe("the frame splitter", () => {
  test.each(streams)("cuts a stream with $name into its frames", ({ frames, rest }) => {
    const bytes = bytesOf(frames.join("") + rest)
    expect(split(bytes, [])).toEqual({ frames, passed: frames.join(""), rest })
  })

  test.each(streams)(
    "gives the same frames of $name wherever the bytes are cut in two",
    ({ frames, rest }) => {
      const bytes = bytesOf(frames.join("") + rest)
      for (let cut = 0; cut <= bytes.length; cut += 1) {
        const { passed, rest: left } = split(bytes, [cut])
        expect(passed + left).toBe(frames.join("") + rest)
        // A CR that ends a frame does so at once; its LF may then lead the next frame.
        expect(passed.trimEnd()).toBe(frames.join("").trimEnd())
      }
    },
  )

  test.each(streams.filter(({ name }) => name !== "mixed"))(
    "gives the same frames of $name byte by byte",
    ({ frames, rest }) => {
      const bytes = bytesOf(frames.join("") + rest)
      const everyByte = Array.from({ length: bytes.length }, (_, index) => index)
      expect(split(bytes, everyByte)).toEqual({ frames, passed: frames.join(""), rest })
    },
  )

  test("loses and invents no byte, whatever comes", () => {
    const piece = fc.constantFrom("data: é\n", "\n", "\r", "\r\n", ": x", "👋", "\r\n\r\n")
    const property = fc.property(fc.array(piece), fc.array(fc.nat(60)), (pieces, cuts) => {
      const bytes = bytesOf(pieces.join(""))
      const inside = cuts.filter((cut) => cut <= bytes.length).toSorted((a, b) => a - b)
      const { passed, rest } = split(bytes, inside)
      expect(passed + rest).toBe(pieces.join(""))
    })
    fc.assert(property, { numRuns: 500 })
  })

  test("hands back the very chunk that consists of whole frames", () => {
    const chunk = bytesOf("data: a\n\ndata: b\n\n")
    expect(createFrameSplitter().push(chunk).bytes).toBe(chunk)
  })

  test("hands out a view, not a copy, of a chunk that ends within a frame", () => {
    const chunk = bytesOf("data: a\n\ndata: b")
    const batch = createFrameSplitter().push(chunk)
    expect(batch.bytes.buffer).toBe(chunk.buffer)
    expect(decoder.decode(batch.bytes)).toBe("data: a\n\n")
  })

  test("keeps its rest when the consumer takes the chunk's buffer away", () => {
    const splitter = createFrameSplitter()
    const chunk = bytesOf("data: a\n\ndata: b")
    splitter.push(chunk)
    structuredClone(chunk, { transfer: [chunk.buffer] })
    expect(splitter.push(bytesOf("\n\n")).frames).toEqual(["data: b\n\n"])
  })

  test("passes a frame beyond the bound on unread, and reads on behind it", () => {
    const splitter = createFrameSplitter(10)
    expect(splitter.push(bytesOf("data: 1234")).bytes).toBeEmpty()
    expect(splitter.isInsideUnread).toBe(false)
    expect(decoder.decode(splitter.push(bytesOf("5")).unread)).toBe("data: 12345")
    expect(splitter.isInsideUnread).toBe(true)
    expect(splitter.push(bytesOf("6"))).toEqual({ unread: bytesOf("6"), frames: [], bytes: bytesOf("") })
    const batch = splitter.push(bytesOf("\n\ndata: a\n\nda"))
    expect(splitter.isInsideUnread).toBe(false)
    expect(batch).toEqual({
      unread: bytesOf("\n\n"),
      frames: ["data: a\n\n"],
      bytes: bytesOf("data: a\n\n"),
    })
    expect(decoder.decode(splitter.rest())).toBe("da")
    // The bound is counted anew for the next one.
    expect(splitter.push(bytesOf("ta: b")).unread).toBeEmpty()
    expect(splitter.push(bytesOf("\n\n")).frames).toEqual(["data: b\n\n"])
  })

  test("the bound is on one frame, not on the answer", () => {
    const splitter = createFrameSplitter(10)
    for (let count = 0; count < 100; count += 1) splitter.push(bytesOf("data: a\n\n"))
    expect(splitter.isInsideUnread).toBe(false)
  })
})
