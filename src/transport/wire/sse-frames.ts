import { parseJsonText } from "../../core/json-object.ts"
import { type Bytes, joinBytes, noBytes } from "../bytes.ts"
import { readFrame } from "./frame-reader.ts"
import type { FrameBatch, FrameSplitter, Framing } from "./framing.ts"
import { errorText } from "./wire-steps.ts"

const LF = 10
const CR = 13

/** A frame ends with a blank line. */
class Splitter implements FrameSplitter {
  restBytes = 0
  readonly #decoder = new TextDecoder()
  #carry: Bytes[] = []
  #endedWithCR = false

  /** Lines may end with CR LF or CR as well; the two bytes of CR LF may come in two chunks. */
  prepare(chunk: Bytes): Bytes {
    const endedWithCR = this.#endedWithCR
    if (chunk.length > 0) this.#endedWithCR = chunk.at(-1) === CR
    if (!endedWithCR && chunk.indexOf(CR) === -1) return chunk
    const text = Buffer.from(chunk).toString("latin1").replaceAll(/\r\n?/g, "\n")
    return Uint8Array.from(Buffer.from(text.slice(endedWithCR && chunk[0] === LF ? 1 : 0), "latin1"))
  }

  push(chunk: Bytes): FrameBatch {
    const ends = this.#ends(chunk)
    const lastEnd = ends.at(-1) ?? 0
    const offset = this.restBytes
    const head = lastEnd === chunk.length ? chunk : chunk.subarray(0, lastEnd)
    const bytes = lastEnd === 0 ? noBytes : offset === 0 ? head : joinBytes([...this.#carry, head])
    if (lastEnd > 0) this.#carry = []
    // A copy: the consumer of a byte stream may take the chunk's buffer away, and may be given other parts of it.
    if (lastEnd < chunk.length) this.#carry.push(chunk.slice(lastEnd))
    this.restBytes = chunk.length - lastEnd + (lastEnd === 0 ? offset : 0)
    return { frames: this.#texts(bytes, ends, offset), bytes }
  }

  rest(): Bytes {
    return joinBytes(this.#carry)
  }

  #ends(chunk: Bytes): number[] {
    const ends: number[] = []
    const hasBegun = this.#carry.at(-1)?.at(-1) === LF && chunk[0] === LF
    let end = hasBegun ? 1 : afterBlankLine(chunk, 0)
    while (end !== undefined) {
      ends.push(end)
      end = afterBlankLine(chunk, end)
    }
    return ends
  }

  #texts(bytes: Bytes, ends: readonly number[], offset: number): string[] {
    const whole = this.#decoder.decode(bytes)
    if (ends.length === 1) return [whole]
    // Decoded at once where each byte is one character, which is several times faster.
    const isAscii = whole.length === bytes.length
    let start = 0
    return ends.map((end) => {
      const from = start
      start = offset + end
      return isAscii ? whole.slice(from, start) : this.#decoder.decode(bytes.subarray(from, start))
    })
  }
}

/** @returns where the next blank line ends */
export function afterBlankLine(bytes: Bytes, from: number): number | undefined {
  let at = bytes.indexOf(LF, from)
  while (at !== -1 && bytes[at + 1] !== LF) at = bytes.indexOf(LF, at + 1)
  return at === -1 ? undefined : at + 2
}

const encoder = new TextEncoder()

/** Server-sent events. */
export const sseFraming: Framing = {
  contentType: "text/event-stream",
  splitter: () => new Splitter(),
  encode: (frames) => encoder.encode(frames),
  unterminatedError: (rest) => {
    const frame = readFrame(`${new TextDecoder().decode(rest)}\n\n`)
    if (frame === undefined) return undefined
    const value = parseJsonText(frame.data)
    return value === undefined ? undefined : errorText(frame, value)
  },
}
