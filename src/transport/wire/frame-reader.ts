import { createParser, type EventSourceMessage } from "eventsource-parser"
import { parseJsonText } from "../../core/json-object.ts"

/** The fields of one SSE frame that matter to a protocol. */
export type Frame = {
  readonly event?: string | undefined
  readonly data: string
}

/** Reads the fields of complete frames. `undefined`: the frame carries no data (a comment, a stray blank line). */
export function createFrameReader() {
  const messages: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => void messages.push(message) })
  return (text: string): Frame | undefined => {
    // The parser waits for what follows a CR, so a frame that ends with one would come a frame late.
    parser.feed(text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text)
    const message = messages.pop()
    return message ?? bareJson(text)
  }
}

/** Some gateways write a JSON error into the open stream without `data:`. */
function bareJson(text: string): Frame | undefined {
  const data = text.trim()
  return data.startsWith("{") && parseJsonText(data) !== undefined ? { data } : undefined
}

export function isFilled(value: unknown): value is string {
  return typeof value === "string" && value.length > 0
}
