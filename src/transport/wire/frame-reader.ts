import { createParser, type EventSourceMessage } from "eventsource-parser"

/** The fields of one SSE frame that matter to a protocol. */
export type Frame = {
  readonly event?: string | undefined
  readonly data: string
}

/** Reads the fields of complete frames. `undefined`: the frame carries no data (a comment, a stray blank line). */
export type FrameReader = (frame: string) => Frame | undefined

export function createFrameReader(): FrameReader {
  const messages: EventSourceMessage[] = []
  const parser = createParser({ onEvent: (message) => void messages.push(message) })
  return (text) => {
    // The parser waits for what follows a CR, so a frame that ends with one would come a frame late.
    parser.feed(text.includes("\r") ? text.replaceAll(/\r\n?/g, "\n") : text)
    const message = messages.pop()
    return message ?? bareJson(text)
  }
}

/** Some gateways write a JSON error into the open stream without `data:`. */
function bareJson(text: string): Frame | undefined {
  const data = text.trim()
  return data.startsWith("{") && parseJson(data) !== undefined ? { data } : undefined
}

/** @returns `undefined` for text that is not JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON is an answer here, not a mishap: the caller decides what it means.
    return undefined
  }
}

export type JsonObject = Readonly<Record<string, unknown>>

/** An object as such, anything else as an empty one: provider data is read field by field, never trusted. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function isFilled(value: unknown): value is string {
  return typeof value === "string" && value.length > 0
}
