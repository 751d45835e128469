/** Safe reading of request bodies: every function gives an empty value where the shape is another. */
export type Json = Readonly<Record<string, unknown>>

export const isRecord = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const record = (value: unknown): Json => (isRecord(value) ? value : {})
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const records = (value: unknown): readonly Json[] => list(value).filter(isRecord)
export const string = (value: unknown): string => (typeof value === "string" ? value : "")

/** A string as it is, a list of `{ text }` parts as its texts, nothing otherwise. */
export const textsOf = (content: unknown): readonly string[] =>
  typeof content === "string"
    ? [content]
    : records(content).flatMap((part) => (typeof part["text"] === "string" ? [part["text"]] : []))

/** One SSE frame; `event` only where the protocol names its events. */
export const frame = (data: unknown, event?: string): string =>
  `${event === undefined ? "" : `event: ${event}\n`}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`
