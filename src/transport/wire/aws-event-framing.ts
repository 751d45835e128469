import { type Bytes, joinBytes } from "../bytes.ts"
import { messageLength, preludeBytes } from "./aws-event-message.ts"
import type { FrameBatch, FrameSplitter, Framing } from "./framing.ts"

/** AWS's binary event stream. */
export const awsEventFraming: Framing = {
  contentType: "application/vnd.amazon.eventstream",
  isBinary: true,
  splitter: () => new AwsEventSplitter(),
  encode: (frames) => Uint8Array.from(Buffer.from(frames, "latin1")),
  unterminatedError: () => undefined,
}

/** Where no message begins, what follows is kept as the rest: it may be an error in plain JSON. */
class AwsEventSplitter implements FrameSplitter {
  #carry: Bytes[] = []
  #carriedBytes = 0
  /** Before so many are there, nothing more can be said: a prelude, or the message whose prelude has come. */
  #awaitedBytes = preludeBytes

  get restBytes(): number {
    const isMessage = this.#carriedBytes > 0 && this.#awaitedBytes < Number.POSITIVE_INFINITY
    return isMessage ? this.#awaitedBytes : this.#carriedBytes
  }

  prepare(chunk: Bytes): Bytes {
    return chunk
  }

  push(chunk: Bytes): FrameBatch {
    // Joined once: a long message comes in many chunks.
    const isEnough = this.#carriedBytes + chunk.length >= this.#awaitedBytes
    const bytes = isEnough ? joinBytes([...this.#carry.splice(0), chunk]) : chunk
    const frames = isEnough ? this.#framesOf(bytes) : []
    const end = frames.reduce((length, frame) => length + frame.length, 0)
    // A copy: the consumer of a byte stream may take the chunk's buffer away.
    this.#carry.push(bytes.slice(end))
    this.#carriedBytes = bytes.length - end + (isEnough ? 0 : this.#carriedBytes)
    return { frames, bytes: bytes.subarray(0, end) }
  }

  rest(): Bytes {
    return joinBytes(this.#carry)
  }

  #framesOf(bytes: Bytes): string[] {
    const frames: string[] = []
    this.#awaitedBytes = preludeBytes
    for (let at = 0; bytes.length - at >= this.#awaitedBytes;) {
      const length = messageLength(bytes.subarray(at)) ?? Number.POSITIVE_INFINITY
      if (length > bytes.length - at) this.#awaitedBytes = length
      else {
        frames.push(Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString("latin1"))
        at += length
      }
    }
    return frames
  }
}
