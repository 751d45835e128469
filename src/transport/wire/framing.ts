import type { FrameSplitter } from "./frame-splitter.ts"

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
  /** An error of this kind of stream as a whole response, over which the SDK fails as it would have in the stream. */
  readonly failedResponse: (error: string) => {
    readonly status: number
    readonly contentType: string
    readonly body: string
  }
}
