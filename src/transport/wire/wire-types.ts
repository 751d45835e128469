import type { Framing } from "./framing.ts"

/** What is known of a request before it is sent. `body` is the parsed JSON body, where there is one. */
export type WireRequest = {
  readonly url: URL
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/**
 * The furthest kind of content that the SDK has been given in this answer. "tool" is a whole call that the host
 * runs; a call that was only begun does not count. A call that the provider runs itself counts as "reasoning".
 */
export type Shown = "nothing" | "reasoning" | "text" | "tool"

/**
 * What frames look like that mean what one meant that was read: these texts, and between any two of them something that
 * is not empty. In front of a text that begins with a quote it is the inside of a JSON string, otherwise the rest of a line.
 */
export type Alike = readonly string[]

/** What becomes of one frame. */
export type WireStep =
  /**
   * Pass the raw frame on unchanged. `content` says that the model has produced something (a token of text,
   * reasoning or a tool call); without it the frame is only a sign of life: a ping, a comment, a header.
   */
  | { readonly type: "forward"; readonly content: boolean }
  /**
   * Pass `frames` on in place of the raw frame, such as what it holds beside a call that is not whole. Never empty:
   * each one keeps OpenCode's 300 s chunk timeout from firing.
   */
  | { readonly type: "replace"; readonly frames: string; readonly content: boolean }
  /**
   * The frame in which the provider says why it stopped. `frames` is to be passed on in its place: what was
   * held, and the frame itself, repaired where its word would make OpenCode ask again without end.
   */
  | { readonly type: "closing"; readonly closing: "turn-ends" | "goes-on"; readonly frames: string }
  | { readonly type: "closing"; readonly closing: "empty" | "filtered" | "cut"; readonly frames: string }
  /** An error frame. `text` is its JSON (or bare text) for the classifier. Pass nothing on; call `end()`. */
  | { readonly type: "failure"; readonly text: string }

/** The provider's own end stands, with which the reader is finished. */
export type EndStep = Extract<WireStep, { readonly closing: "turn-ends" | "goes-on" }>

/**
 * What an answer amounts to that the provider itself has ended. `turn-ends`: it calls no tool. `goes-on`: the
 * host runs its calls and asks again. `empty`: a normal end with nothing at all, neither text nor thought nor
 * call. `filtered`: blocked before a text or a call. `cut`: a word for a failure, or no answer and one over which
 * OpenCode would ask again at once and without end. After the last three the reader is not finished: `end` gives a
 * whole ending in place of the provider's.
 */
export type Closing = Extract<WireStep, { readonly type: "closing" }>["closing"]

/** Follows one streaming answer. Stateful, not reusable. Never throws. */
export type WireReader = {
  /** Takes one complete frame, as the protocol's framing gives it. */
  read(frame: string): WireStep
  /**
   * What frames look like that need not be read, since this one was, and passed on for its content: whenever they
   * come, they would be content that is passed on, and leave the reader as it is. `undefined` where there are none.
   */
  alike?(frame: string): Alike | undefined
  /**
   * The provider has said why it stopped. A stream that closes while this is `false` was cut and counts as a
   * failure: OpenCode would take finish "unknown" and ask again at once (298 requests in 20 s).
   */
  readonly finished: boolean
  readonly shown: Shown
  /**
   * The frames that end the step now, well-formed: open text and reasoning blocks closed, unfinished tool calls
   * left out, nothing that was held released. Before any frame was read: a whole empty completion. Afterwards
   * the reader is finished and a second call gives `""`.
   *
   * Pass it on at every end of a stream, a good one too: then it is `""`, or the terminator that the provider
   * left out after its finish reason (such as Anthropic's `message_stop`, without which the SDK reports no end).
   */
  end(): string
}

/** One protocol: how its requests are recognised, how its answers are read, and how they are written. */
export type WireProtocol = {
  readonly name: string
  readonly framing: Framing
  /** Its SDK package passes over an error frame, behind which OpenCode 1 asks again without end (20 in a second, 1.18.33). */
  readonly hidesErrors?: true
  /** Whether this request asks for a stream in this protocol: by path and cheap hints. Never throws. */
  matches(request: WireRequest): boolean
  /** A reader for one streaming answer. `model` is the id that a synthetic completion names. */
  open(model: string): WireReader
  /** The frames of a whole answer that says `text` and stops, with no tokens used. */
  answer(model: string, text: string): string
}
