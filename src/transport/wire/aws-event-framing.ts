import { joinBytes } from "../join-bytes.ts"
import { messageLength, preludeBytes } from "./aws-event-message.ts"
import type { FrameBatch, FrameSplitter, Framing } from "./framing.ts"

const nothing = new Uint8Array(0)

/** AWS's binary event stream. */
export const awsEventFraming: Framing = {
  contentType: "application/vnd.amazon.eventstream",
  splitter: () => new AwsEventSplitter(),
  encode: (frames) => Uint8Array.from(Buffer.from(frames, "latin1")),
  unterminatedError: () => undefined,
}

/** Where no message begins, what follows is kept as the rest: it may be an error in plain JSON. */
class AwsEventSplitter implements FrameSplitter {
  #carry: Uint8Array<ArrayBuffer> = nothing

  get restBytes(): number {
    return this.#carry.length
  }

  prepare(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    return chunk
  }

  push(chunk: Uint8Array<ArrayBuffer>): FrameBatch {
    const bytes = joinBytes([this.#carry, chunk])
    const frames: string[] = []
    let end = 0
    while (bytes.length - end >= preludeBytes) {
      const length = messageLength(bytes.subarray(end))
      if (length === undefined || length > bytes.length - end) break
      frames.push(Buffer.from(bytes.buffer, bytes.byteOffset + end, length).toString("latin1"))
      end += length
    }
    // A copy: the consumer of a byte stream may take the chunk's buffer away.
    this.#carry = bytes.slice(end)
    return { frames, bytes: bytes.subarray(0, end) }
  }

  rest(): Uint8Array<ArrayBuffer> {
    return this.#carry
  }
}
