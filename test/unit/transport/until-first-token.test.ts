import { afterEach, describe, expect, jest, test } from "bun:test"
import { createOwnFaults, nameAlone } from "../../../src/host/own-fault.ts"
import type { Guard } from "../../../src/transport/held-response.ts"
import { untilFirstToken } from "../../../src/transport/until-first-token.ts"
import { openaiChat } from "../../../src/transport/wire/openai-chat.ts"
import { openaiResponses } from "../../../src/transport/wire/openai-responses.ts"
import type { WireProtocol } from "../../../src/transport/wire/wire-types.ts"

const unguarded: Guard = (run) => run()
const encoder = new TextEncoder()
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

/** An answer that comes in these pieces, each when it is asked for. */
function answer(pieces: readonly string[]) {
  const left = [...pieces]
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const next = left.shift()
        if (next === undefined) controller.close()
        else controller.enqueue(encoder.encode(next))
      },
    },
    { highWaterMark: 0 },
  )
  return { response: new Response(body), left }
}

const created = data({ type: "response.created", response: {} })
const limited = data({
  type: "response.failed",
  response: { error: { code: "rate_limit_exceeded", message: "Rate limit reached" } },
})
const said = data({ type: "response.output_text.delta", delta: "hi" })

afterEach(() => void jest.useRealTimers())

describe("the start of an answer", () => {
  test("is waited for a minute", async () => {
    jest.useFakeTimers()
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(encoder.encode(created)),
    })
    let isThere = false
    const start = untilFirstToken(new Response(body), openaiResponses, unguarded).then(() => (isThere = true))
    for (const [ms, expected] of [
      [59_999, false],
      [1, true],
    ] as const) {
      jest.advanceTimersByTime(ms)
      for (let turn = 0; turn < 100; turn += 1) await Promise.resolve()
      expect(isThere).toBe(expected)
    }
    await start
    expect(jest.getTimerCount()).toBe(0)
  })

  test.each([
    ["an error in the place of the first token", [created, limited, "rest"], limited],
    [
      "one that comes in pieces",
      [created.slice(0, 9), created.slice(9) + limited.slice(0, 30), limited.slice(30)],
      limited,
    ],
    ["a text", [created, said, limited], undefined],
    [
      "a text before an error without its end",
      [created + said + data({ error: { message: "late" } }).trimEnd()],
      undefined,
    ],
    ["nothing", [created], undefined],
    ["an end", [created, data({ type: "response.completed" }), limited], undefined],
  ])("%s is seen, and nothing is lost", async (_, pieces, error) => {
    const start = await untilFirstToken(answer(pieces).response, openaiResponses, unguarded)
    expect(start.error).toBe(error?.slice("data: ".length).trimEnd())
    expect(await start.response.text()).toBe(pieces.join(""))
  })

  test("is all that is waited for", async () => {
    jest.useFakeTimers()
    const { response, left } = answer([created, said, "rest"])
    await untilFirstToken(response, openaiResponses, unguarded)
    await Promise.resolve()
    expect([left, jest.getTimerCount()]).toEqual([["rest"], 0])
  })

  test("is an error as well where it is no stream at all", async () => {
    const text = '{"error":{"code":429,"message":"slow down"}}'
    const start = await untilFirstToken(answer([text]).response, openaiChat, unguarded)
    expect([start.error, await start.response.text()]).toEqual([text, text])
  })

  test("without end is not held", async () => {
    const { response, left } = answer([`data: ${"x".repeat(70_000)}`, "rest"])
    expect((await untilFirstToken(response, openaiChat, unguarded)).error).toBeUndefined()
    expect(left).toEqual(["rest"])
  })

  const broken = (): never => {
    throw new Error("ours")
  }
  const { framing } = openaiResponses
  test.each<[string, Partial<WireProtocol>]>([
    ["before it is read", { open: broken }],
    ["in a frame", { open: (request) => ({ ...openaiResponses.open(request), read: broken }) }],
    ["in its end", { framing: { ...framing, unterminatedError: broken } }],
  ])("is passed on whole after a fault of ours %s, which is told", async (_, change) => {
    const faults: string[] = []
    const { guard } = createOwnFaults({ log: (__, text) => void faults.push(text) }, nameAlone)
    const pieces = [created, limited.trimEnd()]
    const start = await untilFirstToken(answer(pieces).response, { ...openaiResponses, ...change }, guard)
    expect([start.error, await start.response.text()]).toEqual([undefined, pieces.join("")])
    expect(faults).toEqual([expect.stringMatching(/an internal error.*: Error$/)])
  })
})
