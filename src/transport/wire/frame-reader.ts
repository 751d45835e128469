import { createParser, type EventSourceMessage } from "eventsource-parser"
import { parseJsonText } from "../../core/json-object.ts"

/** The fields of one SSE frame that matter to a protocol. */
export type Frame = {
  readonly event?: string | undefined
  readonly data: string
}

let last: EventSourceMessage | undefined
const parser = createParser({ onEvent: (message) => void (last = message) })

/** The fields of a complete frame. `undefined`: it carries no data (a comment, a stray blank line). */
export function readFrame(text: string): Frame | undefined {
  last = undefined
  parser.feed(text)
  parser.reset()
  return last ?? bareJson(text)
}

/** Some gateways write a JSON error into the open stream without `data:`. */
function bareJson(text: string): Frame | undefined {
  const data = text.trim()
  return data.startsWith("{") && parseJsonText(data) !== undefined ? { data } : undefined
}

export function isFilled(value: unknown): value is string {
  return typeof value === "string" && value.length > 0
}
