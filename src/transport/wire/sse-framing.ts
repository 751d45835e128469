import { parseJsonText } from "../../core/json-object.ts"
import { createFrameReader } from "./frame-reader.ts"
import type { Framing } from "./framing.ts"
import { createFrameSplitter } from "./sse-frames.ts"
import { errorText } from "./wire-steps.ts"

const contentType = "text/event-stream"
const encoder = new TextEncoder()

/** Server-sent events. */
export const sseFraming: Framing = {
  contentType,
  splitter: () => createFrameSplitter(),
  encode: (frames) => encoder.encode(frames),
  unterminatedError: (rest) => {
    const frame = createFrameReader()(`${new TextDecoder().decode(rest)}\n\n`)
    if (frame === undefined) return undefined
    const value = parseJsonText(frame.data)
    return value === undefined ? undefined : errorText(frame, value)
  },
  failedResponse: (error) => ({ status: 200, contentType, body: `data: ${error}\n\n` }),
}
