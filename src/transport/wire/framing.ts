/** How the frames of an answer stand in its bytes. Protocols read and write frames as text. */
export type Framing = {
  readonly contentType: string
  /** One for each answer. */
  readonly splitter: () => FrameSplitter
  /** Frames as their bytes. The frames that a splitter gave come out as they came in. */
  readonly encode: (frames: string) => Uint8Array<ArrayBuffer>
  /**
   * The error in what a closed stream left behind its last complete frame, for providers that write one last
   * piece and hang up. Half a frame is no error but a cut, and gives `undefined`.
   */
  readonly unterminatedError: (rest: Uint8Array<ArrayBuffer>) => string | undefined
}

/** Frames that one chunk completed. */
export type FrameBatch = {
  /** Bytes of a frame that grew beyond the bound. They are passed on as they come, before all others. */
  readonly unread: Uint8Array<ArrayBuffer>
  /** The complete frames, whole (of SSE: with the blank line that ends it), in order. */
  readonly frames: readonly string[]
  /**
   * The bytes of exactly these frames; the very chunk that was pushed when it consists of whole frames, so
   * that a batch in which nothing changes can be forwarded without a copy. May be empty.
   */
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Cuts a byte stream into frames. Stateful: one for each answer. */
export type FrameSplitter = {
  push(chunk: Uint8Array<ArrayBuffer>): FrameBatch
  /**
   * The bytes after the last complete frame. At the end of a stream they are discarded when anything is written
   * after them; they may still be an error that the provider did not terminate: see `Framing`.
   */
  rest(): Uint8Array<ArrayBuffer>
  /** The next byte begins a frame, and bytes up to the end of a frame may as well not be pushed. */
  readonly isBetweenFrames: boolean
  /**
   * The stream stands inside a frame that grew beyond the bound and that nobody has read. If it ends here
   * nothing can be written behind it any more.
   */
  readonly isInsideUnread: boolean
}

/** Larger than any frame seen (images in base64 reach a few MiB), small enough to hold. In bytes. */
export const mostFrameBytes = 32 * 1024 * 1024
