import { joinBytes } from "../join-bytes.ts"
import { messageLength, preludeBytes } from "./aws-event-message.ts"
import { type FrameBatch, type FrameSplitter, type Framing, mostFrameBytes } from "./framing.ts"

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
  /** Bytes of a message beyond the bound that are still to come. */
  #unread = 0

  get isInsideUnread(): boolean {
    return this.#unread > 0
  }

  get isBetweenFrames(): boolean {
    return this.#unread === 0 && this.#carry.length === 0
  }

  push(chunk: Uint8Array<ArrayBuffer>): FrameBatch {
    const unread = chunk.subarray(0, this.#unread)
    this.#unread -= unread.length
    const bytes = joinBytes([this.#carry, chunk.subarray(unread.length)])
    const frames: string[] = []
    let end = 0
    while (bytes.length - end >= preludeBytes) {
      const length = messageLength(bytes.subarray(end))
      if (length === undefined) break
      if (length > bytes.length - end) {
        if (length > mostFrameBytes && frames.length === 0) return this.#skip(unread, bytes, length)
        break
      }
      frames.push(Buffer.from(bytes.buffer, bytes.byteOffset + end, length).toString("latin1"))
      end += length
    }
    // A copy: the consumer of a byte stream may take the chunk's buffer away.
    this.#carry = bytes.slice(end)
    return { unread, frames, bytes: bytes.subarray(0, end) }
  }

  rest(): Uint8Array<ArrayBuffer> {
    return this.#carry
  }

  #skip(unread: Uint8Array<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>, length: number): FrameBatch {
    this.#carry = nothing
    this.#unread = length - bytes.length
    return { unread: joinBytes([unread, bytes]), frames: [], bytes: nothing }
  }
}
