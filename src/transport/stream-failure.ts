import { emptyAnswerName } from "../core/verdict.ts"
import type { Bytes } from "./bytes.ts"
import type { Framing } from "./wire/framing.ts"
import type { EndStep, Shown } from "./wire/wire-types.ts"

/** What broke in the middle of an answer. */
export type StreamFailure =
  /** The provider reported an error inside the stream. */
  | { readonly type: "frame"; readonly text: string }
  /** The connection broke. */
  | { readonly type: "thrown"; readonly error: unknown }
  /** The stream closed without the protocol's own end, or with one over which OpenCode would ask for ever. */
  | { readonly type: "cut" }
  /**
   * `empty`: a normal end with nothing at all, no text, no thought, no call. `filtered`: the provider has blocked it
   * before a text or a call. `pass` and `break` let both through as the answer.
   */
  | { readonly type: "empty" | "filtered" }
  /** No content for so long. Milliseconds. */
  | { readonly type: "silence"; readonly afterMs: number }

/**
 * What becomes of a stream that has failed. `end`: the step is closed well-formed, because the turn goes on
 * elsewhere. `pass`: the failure reaches OpenCode as it came. `break`: as `pass`, but a stream that was merely
 * cut breaks with an error, over which OpenCode gives up in the end; over the cut itself it would ask for ever.
 * An error: the stream ends with it, whatever came.
 */
export type StreamAnswer = "end" | "pass" | "break" | Error

export type StreamWatcher = {
  /**
   * Called when the provider has ended its answer and before the frames that say so are passed on; what came
   * before them has been passed on by then. They wait until the promise resolves, so that whatever must be done
   * while OpenCode still takes the step for running can be done here. `turn-ends`: the answer calls no tool.
   * `goes-on`: OpenCode runs its tools and asks again. Not called for a failure nor for an end of our own making.
   * At most once; must not reject; its time is the caller's to bound.
   */
  readonly beforeEnd?: (closing: EndStep["closing"]) => Promise<void>
  /** Asked once for each failure; after `pass` and `break` only for one that follows a silence. Must not reject. */
  readonly onFailure: (failure: StreamFailure, shown: Shown) => Promise<StreamAnswer>
  /** The provider has properly ended its answer, and its end has been passed on. */
  readonly onFinished?: () => void
  /** Reading the stream failed through an internal error; from here on it passes through unread. */
  readonly onFault: (error: unknown) => void
  /** Lets go of the connection. Aborting the request is the only way that closes it on every Bun. */
  readonly abandon: () => void
}

/** A normal end of an answer in which nothing stands. */
export class EmptyAnswerError extends Error {
  override readonly name = emptyAnswerName
  constructor() {
    super("The model answered with nothing: no text, no thought, no tool call")
  }
}

/** A connection that was closed in the middle of an answer, in the words that OpenCode takes for worth a retry. */
export class CutStreamError extends Error {
  override readonly name = "CutStreamError"
  readonly code = "ECONNRESET"
  constructor() {
    super("The provider closed the connection before its answer was complete")
  }
}

/**
 * A stream that is over too early: cut, or ended by an error without the blank line that ends a frame. A body
 * without any content may also be a plain JSON error under status 200.
 *
 * @param rest the bytes after the last complete frame
 * @param mayBeBody whether the model has said nothing yet
 */
export function unfinishedStream(framing: Framing, rest: Bytes, mayBeBody: boolean): StreamFailure {
  if (rest.length === 0) return { type: "cut" }
  const error = framing.unterminatedError(rest) ?? (mayBeBody ? errorBody(rest) : undefined)
  return error === undefined ? { type: "cut" } : { type: "frame", text: error }
}

function errorBody(rest: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(rest).trim()
  const isError = text.startsWith("{") && text.endsWith("}") && /"(?:error|code|status)"/.test(text)
  return isError ? text : undefined
}
