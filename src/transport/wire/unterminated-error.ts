import { createFrameReader, parseJson } from "./frame-reader.ts"
import { errorText } from "./wire-steps.ts"

/**
 * The error in what a closed stream left behind its last complete frame (`FrameSplitter.rest`), for providers
 * that write one last line and hang up. Half a frame is no error but a cut, and gives `undefined`.
 */
export function unterminatedError(rest: string): string | undefined {
  const frame = createFrameReader()(`${rest}\n\n`)
  if (frame === undefined) return undefined
  const value = parseJson(frame.data)
  return value === undefined ? undefined : errorText(frame, value)
}
