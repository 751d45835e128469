import { classify } from "../../core/classify/classify.ts"
import { asObject, isObject, parseJsonText, type JsonObject } from "../../core/json-object.ts"
import { type Frame, isFilled, readFrame } from "./frame-reader.ts"
import type { Shown, WireRequest, WireStep } from "./wire-types.ts"

export const forwardContent: WireStep = { type: "forward", content: true }
export const forwardSign: WireStep = { type: "forward", content: false }

const droppedComment = ": dropped, the answer was complete\n\n"
/** A sign of life, as what it stands for. */
const leftOut: WireStep = { type: "replace", frames: ": left out, no part of an answer\n\n", content: false }

/**
 * What to do with an error. After the provider has said why it stopped, the answer is complete and an error
 * changes nothing any more; the SDK would still fail the step over it.
 */
export function failed(text: string, finished: boolean): WireStep {
  if (finished) return { type: "replace", frames: droppedComment, content: false }
  return { type: "failure", text }
}

/** As `failed`, for a provider that ends its answer with a word for a failure and says nothing more of it. */
export function brokenOff(frame: string, finished: boolean): WireStep {
  return finished ? failed(frame, finished) : { type: "closing", closing: "cut", frames: frame }
}

/**
 * The error in a frame, as text for the classifier; `undefined` when it holds none. Covers what all protocols
 * share: `event: error`, `"type": "error"`, a top-level `error` (also in an array, as Gemini sends it, and
 * `null` as some gateways put into every chunk), vLLM's `"object": "error"`, and data that is no JSON at all,
 * over which the SDK would fail. `[DONE]` is none: gateways send it in protocols that do not know it.
 */
export function errorText(frame: Frame, value: unknown): string | undefined {
  if (frame.data === "" || frame.data.trim() === "[DONE]") return undefined
  if (value === undefined || frame.event === "error") return frame.data
  if (Array.isArray(value)) {
    const [first]: unknown[] = value
    return isObject(first) && holdsError(first) ? JSON.stringify(first) : undefined
  }
  return isObject(value) && holdsError(value) ? frame.data : undefined
}

function holdsError(value: JsonObject): boolean {
  const { error } = value
  return value["type"] === "error" || value["object"] === "error" || isObject(error) || isFilled(error)
}

/** Of an event. By its words alone Codex's `codex.rate_limits`, of which each answer has one, would be a limit as well. */
const failureName = /^(?!response\.).*(?:error|exception|failure|failed|exceeded|exhausted|reached)$/i

/**
 * Reads the data of a frame. `step`: that is all to say of it, because it holds nothing or an error.
 *
 * @param key what every part of an answer has in this protocol. What lacks it is an error in a shape of its own (MiniMax's
 *   `base_resp`, `{"detail": "…"}`) where it says a failure that is known, as is what is named after one
 *   (`{"type": "overloaded_error"}`). Else it is a heartbeat or somebody's notice, over which the SDK packages would fail
 *   the step: left out, unless it counts tokens.
 */
export function readData(
  text: string,
  finished: boolean,
  key?: "choices" | "type",
): { readonly step: WireStep } | { readonly frame: Frame; readonly value: unknown } {
  const frame = readFrame(text)
  if (frame === undefined) return { step: forwardSign }
  if (frame.data.trim() === "") return { step: leftOut }
  const value = parseJsonText(frame.data)
  const fields = asObject(value)
  const isBare = value !== undefined && (key === undefined ? !isObject(value) : !fields[key])
  const isSuspect = isBare || (isFilled(fields["type"]) && failureName.test(fields["type"]))
  const isKnown = isSuspect && isObject(value) && classify({ body: frame.data }, 0).kind !== "unknown"
  const error = isKnown ? frame.data : errorText(frame, value)
  if (error !== undefined) return { step: failed(error, finished) }
  return isBare && !isObject(fields["usage"]) ? { step: leftOut } : { frame, value }
}

/**
 * An event that says nothing to us: a newer package may read it. What is not even named as its protocol names events
 * (`keepalive`, a proxy's `vertex_event`) is left out: clients are to pass over it, and some packages fail the step over it.
 */
export function unreadEvent(type: unknown, names: RegExp): WireStep {
  return isFilled(type) && !names.test(type) ? leftOut : forwardSign
}

const order: readonly Shown[] = ["nothing", "reasoning", "text", "tool"]

export function furthest(a: Shown, b: Shown): Shown {
  return order[Math.max(order.indexOf(a), order.indexOf(b))] ?? a
}

/** One frame with a JSON value. */
export function sseFrame(value: JsonObject, event?: string): string {
  const data = `data: ${JSON.stringify(value)}\n\n`
  return event === undefined ? data : `event: ${event}\n${data}`
}

/** One frame whose event is named after its type. */
export function typedFrame(value: JsonObject & { readonly type: string }): string {
  return sseFrame(value, value.type)
}

/** A body that was not read is no objection; one that was must ask for a stream and hold the prompt's `key`. */
export function asksForStream({ body }: WireRequest, key: "messages" | "input"): boolean {
  return body === undefined || (body["stream"] === true && key in body)
}

/** The frame is a single `data:` line, so that text patterns may be trusted to see the JSON in one piece. */
export function isOneDataLine(frame: string): boolean {
  return frame.startsWith("data: {") && frame.endsWith("}\n\n") && frame.indexOf("\n") === frame.length - 2
}
