import { withinTime } from "../async/within-time.ts"
import type { Bytes } from "./bytes.ts"
import { type Guard, heldResponse } from "./held-response.ts"
import { unfinishedStream } from "./stream-failure.ts"
import type { WireProtocol } from "./wire/wire-types.ts"

/** OpenCode gives a request up after 300 s without headers. Milliseconds. */
const longestHeldMs = 60_000
/** An error is shorter. In bytes. */
const mostHeld = 64 * 1024

/**
 * Waits for the first token of a streaming answer, or for the error in its place: some providers begin to answer before they
 * know. Nothing of the answer is lost. Never rejects.
 */
export async function untilFirstToken(
  response: Response,
  protocol: WireProtocol,
  guard: Guard,
): Promise<{ readonly response: Response; readonly error: string | undefined }> {
  const start = guard(() => readStart(protocol))
  if (!start) return { response, error: undefined }
  const { promise: isOver, resolve } = Promise.withResolvers<undefined>()
  const held = await heldResponse(response, start.isEnough, guard, withinTime(isOver, longestHeldMs))
  resolve(undefined)
  return { response: held, error: guard(start.error) }
}

function readStart(protocol: WireProtocol) {
  const { framing } = protocol
  const splitter = framing.splitter()
  const reader = protocol.open("")
  let error: string | undefined
  let hasBegun = false
  return {
    isEnough: (chunk: Bytes): boolean => {
      for (const frame of splitter.push(splitter.prepare(chunk)).frames) {
        const step = reader.read(frame)
        if (step.type === "failure") error = step.text
        hasBegun ||= step.type === "failure" || step.type === "closing" || step.content
        if (hasBegun) return true
      }
      return splitter.restBytes > mostHeld
    },
    error: (): string | undefined => {
      const last = hasBegun ? undefined : unfinishedStream(framing, splitter.rest(), true)
      return error ?? (last?.type === "frame" ? last.text : undefined)
    },
  }
}
