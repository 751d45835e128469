/** Frames that one chunk completed. */
export type FrameBatch = {
  /** The complete frames, each with the blank line that ends it, in order. */
  readonly frames: readonly string[]
  /**
   * The bytes of exactly these frames; the very chunk that was pushed when it consists of whole frames, so
   * that a batch in which nothing changes can be forwarded without a copy. May be empty. After `gaveUp` it
   * holds everything that was pushed, and `frames` is empty.
   */
  readonly bytes: Uint8Array
}

/** Cuts a byte stream into SSE frames. Stateful: one for each answer. */
export type FrameSplitter = {
  push(chunk: Uint8Array): FrameBatch
  /**
   * The bytes after the last complete frame. At the end of a stream the SSE standard discards them; they may
   * still be an error that the provider did not terminate.
   */
  rest(): Uint8Array
  /** A frame grew beyond the bound: from now on bytes pass through unread. */
  readonly gaveUp: boolean
}
