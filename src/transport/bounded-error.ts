import { withinTime } from "../async/within-time.ts"
import { rebuiltResponse } from "./rebuilt-response.ts"

/** More of an error body than any provider sends. Bytes. */
const mostBytes = 256 * 1024
/** From the first read on. Milliseconds. */
const longestMs = 2_000

/**
 * The same error response with a body that comes to an end whatever the provider sends: neither we nor OpenCode
 * must wait for the rest of an error, or hold it. Where it breaks off, what came so far is the best there is.
 *
 * @param abandon closes the connection where cancelling the body does not (Bun up to 1.3.14)
 */
export function boundedError(response: Response, abandon?: () => void): Response {
  if (!response.body) return response
  const upstream = response.body.getReader()
  const leave = (): void => {
    // A broken connection cannot be closed any more.
    upstream.cancel(undefined).catch(() => undefined)
    abandon?.()
  }
  let bytesLeft = mostBytes
  let until: number | undefined
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        until ??= performance.now() + longestMs
        const whole = upstream.read().catch(() => undefined)
        const read = await withinTime(whole, Math.max(0, until - performance.now()))
        if (read?.value) {
          const part = read.value.subarray(0, bytesLeft)
          bytesLeft -= part.length
          controller.enqueue(part)
          if (bytesLeft > 0) return
        }
        controller.close()
        if (read?.done !== true) leave()
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  )
  return rebuiltResponse(response, body)
}
