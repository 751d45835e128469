import type { Bytes } from "../bytes.ts"

/** How the frames of an answer stand in its bytes. Protocols read and write frames as text. */
export type Framing = {
  readonly contentType: string
  /** Its SDK package fails over half a frame, even behind the end of an answer. */
  readonly isBinary?: true
  /** One for each answer. */
  readonly splitter: () => FrameSplitter
  /** Frames as their bytes. The frames that a splitter gave come out as they came in. */
  readonly encode: (frames: string) => Bytes
  /**
   * The error in what a closed stream left behind its last complete frame, for providers that write one last
   * piece and hang up. Half a frame is no error but a cut, and gives `undefined`.
   */
  readonly unterminatedError: (rest: Bytes) => string | undefined
}

/** Frames that one chunk completed. */
export type FrameBatch = {
  /** The complete frames, whole (of SSE: with the blank line that ends it), in order. */
  readonly frames: readonly string[]
  /**
   * The bytes of exactly these frames; the very chunk that was pushed when it consists of whole frames, so
   * that a batch in which nothing changes can be forwarded without a copy. May be empty.
   */
  readonly bytes: Bytes
}

/** Cuts a byte stream into frames. Stateful: one for each answer. */
export type FrameSplitter = {
  /** Each chunk of the answer, once, as it is to be read and passed on: lines of text end with LF alone. */
  prepare(chunk: Bytes): Bytes
  /** Whole frames in front of a frame's beginning may as well not be pushed. */
  push(prepared: Bytes): FrameBatch
  /**
   * The bytes after the last complete frame. At the end of a stream they are discarded where anything is written after
   * them; they may still be an error that the provider did not terminate: see `Framing`.
   */
  rest(): Bytes
  /** How many those are; of a frame that says its length ahead, with those still to come. */
  readonly restBytes: number
}
