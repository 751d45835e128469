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

/** The frames of an answer, read as they come and passed on, up to one that is not merely passed on. */
export class StepFrames {
  readonly #reader: WireReader
  readonly #framing: Framing
  readonly #splitter: FrameSplitter
  readonly #alike = new AlikeFrames()
  readonly #silence: Pick<SilenceClock, "heardContent">
  readonly #onFault: (error: unknown) => void
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
    return this.#splitter.rest()
  }

  /** The bytes of these frames and of the unfinished one behind them, after which nothing is read any more. */
  stopReading(frames: readonly string[], raw?: Bytes): Bytes {
    this.#isUnread = true
    return joinBytes([raw ?? this.encode(frames.join("")), this.#splitter.rest()])
  }

  encode(frames: string): Bytes {
    return this.#framing.encode(frames)
  }

  /** Bytes of this chunk that stay as they are go on together, and without a copy. */
  pass(chunk: Bytes, emit: Emit): Stop | undefined {
    const text = this.#alike.isKnown ? latin1(chunk) : undefined
    let sent = 0
    for (let at = this.#skim(text, 0); at < chunk.length && !this.#isUnread;) {
      const piece = chunk.subarray(at, text === undefined ? chunk.length : afterBlankLine(text, at))
      const { unread, frames, bytes } = this.#splitter.push(piece)
      if (unread.length > 0) this.#silence.heardContent()
      const { passed, turning } = this.#read(frames, bytes)
      const end = at + piece.length
      if (passed !== piece || turning) {
        emit(chunk.subarray(sent, at))
        emit(unread)
        emit(passed)
        sent = end
      }
      if (turning) return { step: turning.step, from: frames.slice(turning.at), rest: chunk.slice(end) }
      at = this.#skim(text, end)
    }
    emit(chunk.subarray(sent))
    return undefined
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
    for (let at = 0; at < frames.length; at += 1) {
      const frame = frames[at] ?? ""
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

/** One character a byte. */
function latin1(chunk: Bytes): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1")
}
