import { joinBytes } from "./join-bytes.ts"
import type { SilenceClock } from "./silence-clock.ts"
import { afterBlankLine, AlikeFrames } from "./wire/alike-frames.ts"
import type { FrameSplitter } from "./wire/frame-splitter.ts"
import type { Framing } from "./wire/framing.ts"
import type { WireReader, WireStep } from "./wire/wire-protocol.ts"

/** How this answer is read. */
export type Wire = { readonly reader: WireReader; readonly framing: Framing }

export type Bytes = Uint8Array<ArrayBuffer>

/** A frame that is not merely passed on: the provider's error, or its end. */
export type Turning = Extract<WireStep, { type: "failure" | "closing" }>

/** Where reading stopped. */
export type Stop = {
  readonly step: Turning
  /** The frames from that one on, as they came. */
  readonly from: readonly string[]
  /** Of the chunk, behind these frames. */
  readonly rest: Bytes
}

type Reading = {
  readonly passed: Bytes
  /** The frame at which reading stopped, and how many stand before it. */
  readonly turning?: { readonly step: Turning; readonly at: number }
}

type Emit = (bytes: Uint8Array) => void

const nothing: Bytes = new Uint8Array(0)
/** In bytes. A longer beginning is the splitter's, which looks at each byte only once. */
const mostHeld = 4_096
/** In bytes. Copying more costs more than handing over one piece more. */
const mostCopied = 8 * 1024

/** The frames of an answer, read as they come and passed on, up to one that is not merely passed on. */
export class StepFrames {
  readonly #reader: WireReader
  readonly #framing: Framing
  readonly #splitter: FrameSplitter
  readonly #alike = new AlikeFrames()
  readonly #silence: Pick<SilenceClock, "heardContent">
  readonly #onFault: (error: unknown) => void
  /** The beginning of a frame that may turn out to be one that need not be read. The splitter does not know of it. */
  #held: Bytes = nothing
  #lookBytes = 1_024
  #isUnread = false

  constructor(
    { reader, framing }: Wire,
    silence: Pick<SilenceClock, "heardContent">,
    onFault: (error: unknown) => void,
  ) {
    this.#reader = reader
    this.#framing = framing
    this.#splitter = framing.splitter()
    this.#silence = silence
    this.#onFault = onFault
  }

  /** Nothing is read any more, bytes go through as they come. */
  get isUnread(): boolean {
    return this.#isUnread
  }

  /** In the middle of a frame whose beginning was passed on already. */
  get isInsideUnread(): boolean {
    return this.#splitter.isInsideUnread
  }

  /** The bytes of a frame that has not ended yet. */
  rest(): Bytes {
    return joinBytes([this.#splitter.rest(), this.#held])
  }

  /** The bytes of these frames and of the unfinished one behind them, after which nothing is read any more. */
  stopReading(frames: readonly string[], raw?: Bytes): Bytes {
    this.#isUnread = true
    return joinBytes([raw ?? this.encode(frames.join("")), this.rest()])
  }

  encode(frames: string): Bytes {
    return this.#framing.encode(frames)
  }

  /** Bytes of this chunk that stay as they are go on together; a large chunk is not copied. */
  pass(chunk: Bytes, emit: Emit): Stop | undefined {
    if (this.#held.length === 0) return this.#pass(chunk, emit)
    const end = chunk.length > mostCopied ? endOfFirstFrame(chunk) : chunk.length
    const bytes = joinBytes([this.#held, part(chunk, 0, end)])
    this.#held = nothing
    const stop = this.#pass(bytes, emit)
    if (end === chunk.length) return stop
    const others = chunk.subarray(end)
    return stop ? { ...stop, rest: joinBytes([stop.rest, others]) } : this.pass(others, emit)
  }

  #pass(chunk: Bytes, emit: Emit): Stop | undefined {
    let text = this.#textOf(chunk)
    let sent = 0
    for (
      let at = this.#skim(text, 0);
      at < chunk.length && !this.#isUnread && !this.#hold(chunk, text, at);
    ) {
      const piece = part(chunk, at, text === undefined ? this.#lookUpTo(at) : afterBlankLine(text, at))
      const { unread, frames, bytes } = this.#splitter.push(piece)
      if (unread.length > 0) this.#silence.heardContent()
      const { passed, turning } = this.#read(frames, bytes)
      const end = at + piece.length
      if (passed !== piece || turning) {
        emit(part(chunk, sent, at))
        emit(unread)
        emit(passed)
        sent = end
      }
      if (turning) return { step: turning.step, from: frames.slice(turning.at), rest: chunk.slice(end) }
      text ??= this.#textOf(chunk)
      at = this.#skim(text, end)
    }
    emit(part(chunk, sent, chunk.length - this.#held.length))
    return undefined
  }

  /** The beginning of a large first chunk may show that its rest need not be read. */
  #lookUpTo(at: number): number {
    this.#lookBytes *= 2
    return at + this.#lookBytes
  }

  /** One character a byte, once there are frames that need not be read. */
  #textOf(chunk: Bytes): string | undefined {
    return this.#alike.isKnown ? latin1(chunk) : undefined
  }

  /** @returns whether only the beginning of a frame is left from `at` on, which is then kept for the next chunk */
  #hold(chunk: Bytes, text: string | undefined, at: number): boolean {
    if (text === undefined || !this.#splitter.isBetweenFrames) return false
    if (chunk.length - at > mostHeld || !beginsFrame(text.slice(at))) return false
    // A copy: the consumer of a byte stream may take the chunk's buffer away.
    this.#held = chunk.slice(at)
    return true
  }

  /** Frames that stand behind a stop. @param rest of their chunk */
  passFrames(frames: readonly string[], rest: Bytes, emit: Emit): Stop | undefined {
    const { passed, turning } = this.#read(frames, undefined)
    emit(passed)
    return turning ? { step: turning.step, from: frames.slice(turning.at), rest } : this.pass(rest, emit)
  }

  /** @returns where the frames end that need not be read, from `at` on */
  #skim(text: string | undefined, at: number): number {
    if (text === undefined || !this.#splitter.isBetweenFrames) return at
    const end = this.#alike.skim(text, at)
    if (end > at) this.#silence.heardContent()
    return end
  }

  /** @param raw the bytes of these very frames, where they are at hand */
  #read(frames: readonly string[], raw: Bytes | undefined): Reading {
    try {
      return this.#readFrames(frames, raw)
    } catch (error) {
      this.#onFault(error)
      return { passed: this.stopReading(frames, raw) }
    }
  }

  #readFrames(frames: readonly string[], raw: Bytes | undefined): Reading {
    let out: string | undefined
    let last: string | undefined
    for (const [at, frame] of frames.entries()) {
      const step = this.#reader.read(frame)
      if (step.type === "failure" || step.type === "closing")
        return { passed: this.encode(out ?? frames.slice(0, at).join("")), turning: { step, at } }
      if (step.content) this.#silence.heardContent()
      if (step.type === "forward" && step.content) last = frame
      if (step.type === "replace") out = (out ?? frames.slice(0, at).join("")) + step.frames
      else if (out !== undefined) out += frame
    }
    if (last !== undefined) this.#alike.learn(this.#reader, last)
    return { passed: out === undefined ? (raw ?? this.encode(frames.join(""))) : this.encode(out) }
  }
}

/** No blank line is in it, whatever ends lines. */
function beginsFrame(text: string): boolean {
  return !text.startsWith("\n") && !text.includes("\n\n") && !text.includes("\r")
}

/** Behind the first blank line of LFs, or so far that what is held is too long to be held on. */
function endOfFirstFrame(chunk: Bytes): number {
  return afterBlankLine(latin1(part(chunk, 0, mostHeld)), 0)
}

/** Bun makes a small array anew before it makes a view of it, so that a copy is the cheaper one of the two. */
function part(chunk: Bytes, from: number, to: number): Bytes {
  if (from === 0 && to >= chunk.length) return chunk
  return chunk.length > mostCopied ? chunk.subarray(from, to) : chunk.slice(from, to)
}

const scratch = Buffer.allocUnsafeSlow(16_384)

/** One character a byte; by a copy where that is cheaper than what Bun does to make a `Buffer` of a small chunk. */
function latin1(chunk: Bytes): string {
  if (chunk.length > scratch.length)
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1")
  scratch.set(chunk)
  return scratch.toString("latin1", 0, chunk.length)
}
