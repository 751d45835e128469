import { type Bytes, joinBytes, mostCopied, noBytes, partOf } from "./bytes.ts"
import type { SilenceClock } from "./silence-clock.ts"
import { AlikeFrames } from "./wire/alike-frames.ts"
import type { FrameSplitter, Framing } from "./wire/framing.ts"
import { afterBlankLine } from "./wire/sse-frames.ts"
import type { WireReader, WireStep } from "./wire/wire-types.ts"

/** How this answer is read. */
export type Wire = { readonly reader: WireReader; readonly framing: Framing }

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

/** Larger than any frame seen (images in base64 reach a few MiB), small enough to hold. In bytes. */
const mostFrameBytes = 32 * 1024 * 1024
/** In bytes. A longer beginning is the splitter's, which looks at each byte only once. */
const mostHeld = 4_096

/** The frames of an answer, read as they come and passed on, up to one that is not merely passed on. */
export class StepFrames {
  readonly #reader: WireReader
  readonly #framing: Framing
  readonly #splitter: FrameSplitter
  readonly #alike = new AlikeFrames()
  readonly #silence: Pick<SilenceClock, "heardContent">
  readonly #onFault: (error: unknown) => void
  /** The beginning of a frame that may turn out to be one that need not be read. The splitter does not know of it. */
  #held: Bytes = noBytes
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
  pass(received: Bytes, emit: Emit): Stop | undefined {
    const chunk = this.#splitter.prepare(received)
    const held = this.#held
    if (held.length === 0) return this.#pass(chunk, emit)
    this.#held = noBytes
    const first = (chunk.length > mostCopied && afterBlankLine(chunk, 0)) || chunk.length
    const stop = this.#pass(joinBytes([held, partOf(chunk, 0, first)]), emit)
    const others = chunk.subarray(first)
    return stop ? { ...stop, rest: joinBytes([stop.rest, others]) } : this.#pass(others, emit)
  }

  #pass(chunk: Bytes, emit: Emit): Stop | undefined {
    let gone = 0
    for (let at = this.#skim(chunk, 0); at < chunk.length && !this.#isUnread && !this.#hold(chunk, at);) {
      const piece = partOf(
        chunk,
        at,
        this.#alike.isKnown ? (afterBlankLine(chunk, at) ?? chunk.length) : this.#lookUpTo(at),
      )
      const { frames, bytes } = this.#splitter.push(piece)
      const { passed, turning } = this.#read(frames, bytes)
      const end = at + piece.length
      if (passed !== piece || turning) {
        emit(partOf(chunk, gone, at))
        emit(passed)
        gone = end
      }
      if (turning) return { step: turning.step, from: frames.slice(turning.at), rest: chunk.slice(end) }
      at = this.#skim(chunk, end)
    }
    emit(partOf(chunk, gone, chunk.length - this.#held.length))
    if (this.#splitter.restBytes > mostFrameBytes && !this.#isUnread) this.#giveUp(emit)
    return undefined
  }

  #giveUp(emit: Emit): void {
    this.#onFault(
      new Error("a frame of the answer is larger than 32 MiB; the rest of it passes through unread"),
    )
    emit(this.stopReading([]))
  }

  /** The beginning of a large first chunk may show that its rest need not be read. */
  #lookUpTo(at: number): number {
    this.#lookBytes *= 2
    return at + this.#lookBytes
  }

  /** @returns whether only the beginning of a frame is left from `at` on, which is then kept for the next chunk */
  #hold(chunk: Bytes, at: number): boolean {
    if (this.#splitter.restBytes > 0 || !this.#alike.isCut || chunk.length - at > mostHeld) return false
    // A copy: the consumer of a byte stream may take the chunk's buffer away.
    this.#held = chunk.slice(at)
    return true
  }

  /** Frames that stand behind a stop. @param rest of their chunk */
  passFrames(frames: readonly string[], rest: Bytes, emit: Emit): Stop | undefined {
    const { passed, turning } = this.#read(frames, undefined)
    emit(passed)
    return turning ? { step: turning.step, from: frames.slice(turning.at), rest } : this.#pass(rest, emit)
  }

  /** @returns where the frames end that need not be read, from `at` on */
  #skim(chunk: Bytes, at: number): number {
    if (this.#splitter.restBytes > 0) return at
    const end = this.#alike.skim(chunk, at)
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
