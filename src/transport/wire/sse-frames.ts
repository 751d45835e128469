import { parseJsonText } from "../../core/json-object.ts"
import { joinBytes } from "../join-bytes.ts"
import { createFrameReader } from "./frame-reader.ts"
import { type FrameBatch, type FrameSplitter, type Framing, mostFrameBytes } from "./framing.ts"
import { errorText } from "./wire-steps.ts"

const LF = 10
const CR = 13
const nothing = new Uint8Array(0)

/**
 * Cuts a byte stream into SSE frames.
 *
 * @param maxFrameBytes the size in bytes at which an unfinished frame is passed on unread; default 32 MiB
 */
export function createFrameSplitter(maxFrameBytes: number = mostFrameBytes): FrameSplitter {
  return new Splitter(maxFrameBytes)
}

class Splitter implements FrameSplitter {
  isInsideUnread = false
  readonly #maxFrameBytes: number
  readonly #decoder = new TextDecoder()
  readonly #lines = new BlankLineFinder()
  #carry: Uint8Array<ArrayBuffer>[] = []
  #carryBytes = 0

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes
  }

  get isBetweenFrames(): boolean {
    return this.#carryBytes === 0 && !this.isInsideUnread && this.#lines.isFresh
  }

  push(chunk: Uint8Array<ArrayBuffer>): FrameBatch {
    const ends = this.#lines.find(chunk)
    if (!this.isInsideUnread) return this.#cut(chunk, ends)
    const [end, ...others] = ends
    if (end === undefined) return { unread: chunk, frames: [], bytes: nothing }
    this.isInsideUnread = false
    const batch = this.#cut(
      chunk.subarray(end),
      others.map((other) => other - end),
    )
    return { ...batch, unread: chunk.subarray(0, end) }
  }

  #cut(chunk: Uint8Array<ArrayBuffer>, ends: readonly number[]): FrameBatch {
    const lastEnd = ends.at(-1)
    if (lastEnd === undefined) return this.#keep(chunk)

    const head = lastEnd === chunk.length ? chunk : chunk.subarray(0, lastEnd)
    const offset = this.#carryBytes
    const bytes = offset === 0 ? head : joinBytes([...this.#carry, head])
    // A copy: the consumer of a byte stream may take the chunk's buffer away.
    this.#carry = lastEnd === chunk.length ? [] : [chunk.slice(lastEnd)]
    this.#carryBytes = chunk.length - lastEnd
    return { unread: nothing, frames: this.#texts(bytes, ends, offset), bytes }
  }

  rest(): Uint8Array<ArrayBuffer> {
    return joinBytes(this.#carry)
  }

  #keep(chunk: Uint8Array<ArrayBuffer>): FrameBatch {
    // A copy here as well: the consumer may be given other parts of this chunk.
    this.#carry.push(chunk.slice())
    this.#carryBytes += chunk.length
    if (this.#carryBytes <= this.#maxFrameBytes) return { unread: nothing, frames: [], bytes: nothing }
    this.isInsideUnread = true
    const unread = joinBytes(this.#carry)
    this.#carry = []
    this.#carryBytes = 0
    return { unread, frames: [], bytes: nothing }
  }

  #texts(bytes: Uint8Array, ends: readonly number[], offset: number): string[] {
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

/**
 * Finds the ends of blank lines. Lines end with LF, CR LF or CR; the two bytes of CR LF may come in two chunks.
 * Where lines end with CR LF the LF is waited for: parsers hold a frame back that ends with a bare CR.
 */
class BlankLineFinder {
  #lineIsBlank = true
  #lastLineEndedWithCRLF = false
  /** The chunk before ended with a CR, which may have ended a frame as well. */
  #pending: "none" | "line" | "frame" = "none"

  /** As at the start of a stream: no line is begun, and none before it ended with a CR. */
  get isFresh(): boolean {
    return this.#lineIsBlank && !this.#lastLineEndedWithCRLF && this.#pending === "none"
  }

  /** Offsets just behind each blank line of this chunk; 0 for one that the next chunk only settled. */
  find(chunk: Uint8Array): number[] {
    const ends: number[] = []
    let position = this.#settle(chunk, ends)
    let nextLF = indexFrom(chunk, LF, position)
    let nextCR = indexFrom(chunk, CR, position)
    while (position < chunk.length) {
      const lineEnd = Math.min(nextLF, nextCR)
      if (lineEnd > position) this.#lineIsBlank = false
      if (lineEnd === chunk.length) break
      const isCRLF = lineEnd === nextCR && chunk[lineEnd + 1] === LF
      position = lineEnd + (isCRLF ? 2 : 1)
      const mayGoOn = lineEnd === nextCR && position === chunk.length && !isCRLF
      if (mayGoOn) this.#pending = this.#lineIsBlank && this.#lastLineEndedWithCRLF ? "frame" : "line"
      if (this.#lineIsBlank && this.#pending !== "frame") ends.push(position)
      this.#lineIsBlank = true
      this.#lastLineEndedWithCRLF = isCRLF
      if (nextLF < position) nextLF = indexFrom(chunk, LF, position)
      if (nextCR < position) nextCR = indexFrom(chunk, CR, position)
    }
    return ends
  }

  /** @returns where this chunk's first line begins */
  #settle(chunk: Uint8Array, ends: number[]): 0 | 1 {
    if (this.#pending === "none" || chunk.length === 0) return 0
    const begin = chunk[0] === LF ? 1 : 0
    if (this.#pending === "frame") ends.push(begin)
    this.#lastLineEndedWithCRLF = begin === 1
    this.#pending = "none"
    return begin
  }
}

/** As `indexOf`, but the length when there is none: lets the next terminator be a plain minimum. */
function indexFrom(chunk: Uint8Array, byte: number, from: number): number {
  const index = chunk.indexOf(byte, from)
  return index === -1 ? chunk.length : index
}

const encoder = new TextEncoder()

/** Server-sent events. */
export const sseFraming: Framing = {
  contentType: "text/event-stream",
  splitter: () => createFrameSplitter(),
  encode: (frames) => encoder.encode(frames),
  unterminatedError: (rest) => {
    const frame = createFrameReader()(`${new TextDecoder().decode(rest)}\n\n`)
    if (frame === undefined) return undefined
    const value = parseJsonText(frame.data)
    return value === undefined ? undefined : errorText(frame, value)
  },
}
