import type { Gate } from "./gate.ts"
import type { RecordedRequest } from "./recorded-request.ts"

export type FinishReason = "stop" | "tool-calls" | "length" | "content-filter"

/** Token counts as the provider reports them. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
}

/** What an error frame says; whatever is left out gets the protocol's realistic default (an overload). */
export interface ErrorFrame {
  /** The provider's own word: `overloaded_error`, `server_error`, `UNAVAILABLE` … */
  readonly type?: string
  readonly code?: string | number
  readonly message?: string
  /** Replaces the whole JSON of the frame. */
  readonly json?: unknown
}

/** One thing that happens in a streamed answer. Beats after an ending beat are never played. */
export type Beat =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "reasoning"; readonly text: string }
  | { readonly kind: "tool-call"; readonly name: string; readonly input: unknown }
  | { readonly kind: "half-tool-call"; readonly name: string; readonly inputText: string }
  | { readonly kind: "begin" }
  | { readonly kind: "ping" }
  | { readonly kind: "pause"; readonly ms: number }
  | { readonly kind: "wait"; readonly gate: Gate }
  | { readonly kind: "raw"; readonly text: string }
  | { readonly kind: "error-frame"; readonly error: ErrorFrame }
  | { readonly kind: "finish"; readonly reason: FinishReason; readonly usage?: Usage }
  | { readonly kind: "reset" }
  | { readonly kind: "end-of-stream" }
  | { readonly kind: "silence" }

/** A whole answer to one request. */
export type Answer =
  | {
      readonly kind: "stream"
      readonly beats: readonly Beat[]
      readonly headers?: Readonly<Record<string, string>>
    }
  | {
      readonly kind: "status"
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
      /** A string is sent as it is; anything else as JSON; left out: the provider's usual body for the status. */
      readonly body?: unknown
      readonly message?: string
    }
  | { readonly kind: "reset" }
  | { readonly kind: "silence" }
  | { readonly kind: "after"; readonly gate: Gate; readonly step: Step }
  | { readonly kind: "delayed"; readonly ms: number; readonly step: Step }
  | { readonly kind: "repeat"; readonly step: Step }

/** An answer, or a function that looks at the request and gives one. */
export type Step = Answer | ((request: RecordedRequest) => Step | Promise<Step>)

// ---- beats ---------------------------------------------------------------------------------------------

/** Text of the answer; sent word by word. */
export const say = (text: string): Beat => ({ kind: "text", text })
/** Reasoning ("thinking") text. */
export const think = (text: string): Beat => ({ kind: "reasoning", text })
/** A complete tool call; the finish reason becomes `tool-calls` unless `finish` says otherwise. */
export const call = (name: string, input: unknown): Beat => ({ kind: "tool-call", name, input })
/** A tool call whose JSON input stops in the middle. */
export const halfCall = (name: string, inputText = '{"command":"ec'): Beat => ({
  kind: "half-tool-call",
  name,
  inputText,
})
/** Sends the opening frames (message_start, response.created, role chunk) without any content. */
export const begin = (): Beat => ({ kind: "begin" })
/** A keep-alive frame: Anthropic's `ping` event, an SSE comment in the other protocols. */
export const ping = (): Beat => ({ kind: "ping" })
export const pause = (ms: number): Beat => ({ kind: "pause", ms })
export const wait = (gate: Gate): Beat => ({ kind: "wait", gate })
/** Bytes as they are. */
export const raw = (text: string): Beat => ({ kind: "raw", text })
/** The protocol's error frame; the stream then ends without its terminator unless more beats follow. */
export const errorFrame = (error: ErrorFrame = {}): Beat => ({ kind: "error-frame", error })
/** Ends the stream properly. Added by itself when a stream has no ending beat. */
export const finish = (reason: FinishReason, usage?: Usage): Beat => ({
  kind: "finish",
  reason,
  ...(usage === undefined ? {} : { usage }),
})
/** Ends the connection the hard way (the client sees ECONNRESET). */
export const cut = (): Beat => ({ kind: "reset" })
/** Ends the HTTP body properly, but without the protocol's terminator. */
export const endOfStream = (): Beat => ({ kind: "end-of-stream" })
/** Keeps the connection open and says nothing more, until the client gives up. */
export const stall = (): Beat => ({ kind: "silence" })

// ---- whole answers -------------------------------------------------------------------------------------

export const stream = (...beats: readonly Beat[]): Answer => ({ kind: "stream", beats })
export const text = (answer: string): Answer => stream(say(answer))
export const reasoning = (thought: string, answer: string): Answer => stream(think(thought), say(answer))
export const toolCall = (name: string, input: unknown): Answer => stream(call(name, input))
/** A well-formed completion without content. */
export const empty = (reason: FinishReason = "stop"): Answer => stream(begin(), finish(reason))

export interface StatusOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Put into the provider's usual body. */
  readonly message?: string
}
/** An HTTP status with the provider's usual body. `status(200, { body: { error: … } })` is an error that says 200. */
export const status = (code: number, options: StatusOptions = {}): Answer => ({
  kind: "status",
  status: code,
  ...options,
})
/** The connection is reset before the first byte of the answer. */
export const reset = (): Answer => ({ kind: "reset" })
/** No headers, ever; the connection stays open until the client gives up. */
export const silence = (): Answer => ({ kind: "silence" })
/** Headers, then nothing. */
export const silenceAfterHeaders = (): Answer => stream(stall())
/** Keep-alive frames every `everyMs` until the client gives up (at most 10,000 of them). */
export const pingsOnly = (everyMs = 20): Answer =>
  stream(...Array.from({ length: 10_000 }, () => [ping(), pause(everyMs)]).flat())
/** One word every `everyMs`. */
export const trickle = (answer: string, everyMs: number): Answer =>
  stream(...answer.split(/(?<= )/).flatMap((word) => [say(word), pause(everyMs)]))
/** Text, then the protocol's error frame. */
export const textThenError = (partial: string, error: ErrorFrame = {}): Answer =>
  stream(say(partial), errorFrame(error))
/** Text, then an end without the protocol's terminator. */
export const textWithoutEnd = (partial: string): Answer => stream(say(partial), endOfStream())
/** Bytes that are no stream of the protocol. */
export const garbage = (): Answer =>
  stream(raw("<html>502 upstream\u0000\ndata: {not json\n\n"), endOfStream())
/** Holds the headers back until the gate opens. */
export const after = (gate: Gate, step: Step): Answer => ({ kind: "after", gate, step })
/** Holds the headers back for some milliseconds. */
export const delayed = (ms: number, step: Step): Answer => ({ kind: "delayed", ms, step })
/** In a script: this step answers from here on for ever. */
export const repeat = (step: Step): Answer => ({ kind: "repeat", step })
