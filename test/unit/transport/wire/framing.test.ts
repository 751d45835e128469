import { expect, spyOn, test } from "bun:test"
import { awsEventFraming } from "../../../../src/transport/wire/aws-event-framing.ts"
import { awsMessage } from "../../../../src/transport/wire/aws-event-message.ts"
import { sseFraming } from "../../../../src/transport/wire/sse-frames.ts"

const long = "x".repeat(50_000)

/** How many bytes are copied meanwhile. */
function copiedBy(run: () => void): number {
  const typedArray: Uint8Array = Object.getPrototypeOf(Uint8Array.prototype)
  const [set, slice] = [spyOn(typedArray, "set"), spyOn(typedArray, "slice")]
  try {
    run()
    const joined = set.mock.calls.map(([{ length }]) => length)
    const taken = slice.mock.results.map(({ value }) => (value instanceof Uint8Array ? value.length : 0))
    return [...joined, ...taken].reduce((sum, length) => sum + length, 0)
  } finally {
    set.mockRestore()
    slice.mockRestore()
  }
}

test.each([
  ["a server-sent event", sseFraming, `data: ${long}\n\n`, 1],
  ["an AWS message", awsEventFraming, awsMessage({ headers: {}, payload: long }), 1],
  ["what is no AWS message", awsEventFraming, long, 0],
])(
  "the bytes of %s are copied a few times, in however many chunks it comes",
  (_what, framing, text, count) => {
    const bytes = framing.encode(text)
    const splitter = framing.splitter()
    let frames = 0
    const copied = copiedBy(() => {
      for (let at = 0; at < bytes.length; at += 100)
        frames += splitter.push(splitter.prepare(bytes.subarray(at, at + 100))).frames.length
    })
    expect(frames).toBe(count)
    expect(copied).toBeGreaterThan(bytes.length / 2)
    expect(copied).toBeLessThan(3 * bytes.length)
  },
)
