import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { readAwsMessage } from "../../../src/transport/wire/aws-event-message.ts"
import { emptyCompletion, wireProtocolFor } from "../../../src/transport/wire/wire-protocol.ts"
import type { WireProtocol } from "../../../src/transport/wire/wire-types.ts"
import { drive } from "./drive.ts"
import { answered, judge, type Judgement } from "./judge.ts"
import { framesOf, stages, toolInput } from "./streams.ts"
import { wireRows, type WireRow } from "./wire-rows.ts"

/** The protocol as the adapters recognise it in the request that the SDK package really sends. */
async function protocolOf(row: WireRow): Promise<WireProtocol> {
  let found: WireProtocol | undefined
  await judge(row, (url, body) => {
    found = wireProtocolFor({ url: new URL(url), body: JSON.parse(body) })
    return new Response("")
  })
  if (found === undefined) throw new Error(`no protocol recognised for ${row.name}`)
  return found
}

/** Every way of failing must leave OpenCode with a clean step that its loop goes on from. */
function expectCleanEnd(row: WireRow, seen: Judgement): void {
  expect(seen.errors).toEqual([])
  expect(seen.unclosed).toEqual([])
  expect(seen.calls.filter((call) => call.invalid)).toEqual([])
  expect(row.stream.answerText).toStartWith(seen.text)
  expect(row.stream.reasoningText).toStartWith(seen.reasoning)
  expect(seen.calls.map((call) => call.input)).toEqual(seen.calls.length === 0 ? [] : [toolInput])
  expect(seen.executed).toEqual(seen.calls.map((call) => call.input))
  expect(seen.finish).toBe(seen.calls.length === 0 ? row.finish.plain : row.finish.afterTool)
}

for (const row of wireRows) {
  const { stream } = row
  const upTo = (stage: (typeof stages)[number]) =>
    stages
      .slice(0, stages.indexOf(stage) + 1)
      .flatMap((name) => stream[name])
      .join("")
  const unchanged = async () => {
    const protocol = await protocolOf(row)
    return judge(row, () => answered(protocol, framesOf(stream).join("")))
  }
  const cutAfter = async (text: string) => {
    const protocol = await protocolOf(row)
    const driven = drive(protocol, [protocol.framing.encode(text)])
    return { driven, seen: await judge(row, () => answered(protocol, driven.body)) }
  }

  describe(row.name, () => {
    test("is recognised by the request that its SDK package sends", async () => {
      expect((await protocolOf(row)).name).toBe(row.protocol)
    })

    test("a good answer passes through whole and is finished", async () => {
      const { driven, seen } = await cutAfter(framesOf(stream).join(""))
      expect(driven.outcome).toBe("finished")
      expect(driven.shown).toBe("tool")
      expect(seen).toEqual(await unchanged())
      expect(seen.text).toBe(stream.answerText)
      expect(seen.reasoning).toBe(stream.reasoningText)
      expect(seen.executed).toEqual([toolInput])
      expect(seen.finish).toBe("tool-calls")
    })

    test("but for the ends of its lines not a byte changes where there is no tool call", async () => {
      const protocol = await protocolOf(row)
      const text = [...stream.open, ...stream.reasoning, ...stream.text, ...stream.stop].join("")
      const driven = drive(protocol, [protocol.framing.encode(text)])
      expect(driven).toMatchObject({ body: text.replaceAll("\r\n", "\n"), outcome: "finished" })
    })

    test("an end that asks for tools and calls none is one that the loop does not go on from", async () => {
      const { driven, seen } = await cutAfter([...stream.open, ...stream.text, ...stream.close].join(""))
      expect(driven.outcome).toBe("finished")
      expect(seen).toMatchObject({
        text: stream.answerText,
        calls: [],
        errors: [],
        unclosed: [],
        finish: "stop",
      })
    })

    test("an end with nothing before it gives a clean step without content", async () => {
      const { driven, seen } = await cutAfter([...stream.open, ...stream.close].join(""))
      expect(driven.outcome).toMatch(/^(?:cut|empty)$/)
      expectCleanEnd(row, seen)
    })

    test("an empty completion is a clean step without content", async () => {
      const protocol = await protocolOf(row)
      const seen = await judge(row, () => emptyCompletion(protocol, "m"))
      expect(seen).toEqual({
        text: "",
        reasoning: "",
        calls: [],
        executed: [],
        errors: [],
        unclosed: [],
        finish: row.finish.plain,
      })
    })

    test.each(["open", "reasoning", "text"] as const)(
      "a cut after %s keeps what was shown",
      async (stage) => {
        const { driven, seen } = await cutAfter(upTo(stage))
        expect(driven.outcome).toBe("cut")
        expect(driven.shown).toBe(stage === "open" ? "nothing" : stage)
        expectCleanEnd(row, seen)
        expect(seen.calls).toEqual([])
        expect(seen.reasoning).toBe(stage === "open" ? "" : stream.reasoningText)
        expect(seen.text).toBe(stage === "text" ? stream.answerText : "")
      },
    )

    test("a cut after a whole tool call keeps the call, run once", async () => {
      const { driven, seen } = await cutAfter(upTo("tool"))
      expect(driven.outcome).toBe("cut")
      expect(driven.shown).toBe("tool")
      expectCleanEnd(row, seen)
      expect(seen.executed).toEqual([toolInput])
      expect(seen.finish).toBe("tool-calls")
    })

    test("a cut anywhere inside a tool call makes no call", async () => {
      const before = upTo("text")
      for (let count = 1; count < stream.tool.length; count += 1) {
        const { driven, seen } = await cutAfter(before + stream.tool.slice(0, count).join(""))
        expect(driven.shown).toBe("text")
        expectCleanEnd(row, seen)
        expect(seen.calls).toEqual([])
        expect(seen.executed).toEqual([])
      }
    })

    test("what is no part of an answer costs none, at any position", async () => {
      const protocol = await protocolOf(row)
      if (protocol.framing.isBinary) return
      const ofTool = '{"tool":"search","label":"a look at it"}'
      const ofVertex = '{"type":"vertex_event","usage":{"input_tokens":9}}'
      const data = ["", "  ", "null", "{}", '{"ts":1}', ofTool]
      // Vercel's own protocol is that of the AI SDK itself.
      if (protocol.name !== "ai-gateway") data.push(ofVertex)
      const notices = data.map((text) => `event: ping\ndata: ${text}\n\n`)
      const frames = framesOf(stream)
      for (let position = 0; position <= frames.length; position += 1) {
        const text = frames.toSpliced(position, 0, ...notices).join("")
        const driven = drive(protocol, [protocol.framing.encode(text)])
        expect(driven).toMatchObject({ outcome: "finished", shown: "tool" })
        const seen = await judge(row, () => answered(protocol, driven.body))
        expect(seen).toMatchObject({ text: stream.answerText, executed: [toolInput], errors: [] })
      }
    })

    test("an error frame at any position ends the step and does not reach the SDK", async () => {
      const protocol = await protocolOf(row)
      const frames = framesOf(stream).slice(0, -stream.close.length)
      for (let position = 0; position <= frames.length; position += 1) {
        const error = stream.errors[position % stream.errors.length] ?? ""
        const bytes = protocol.framing.encode([...frames.slice(0, position), error].join(""))
        const driven = drive(protocol, [bytes])
        expect(driven.outcome).toEqual({ failure: failureText(error) })
        expectCleanEnd(row, await judge(row, () => answered(protocol, driven.body)))
      }
    })

    test.each(stream.errors.map((error) => [failureText(error), error] as const))(
      "%s is a failure",
      async (text, error) => {
        const protocol = await protocolOf(row)
        expect(drive(protocol, [protocol.framing.encode(error)]).outcome).toEqual({ failure: text })
      },
    )

    test("an error after the finish reason no longer fails the step", async () => {
      const text = [...framesOf(stream), stream.errors[0] ?? ""].join("")
      const { driven, seen } = await cutAfter(text)
      expect(driven.outcome).toBe("finished")
      expect(seen).toEqual(await unchanged())
    })

    test("a cut at every byte gives a clean step", async () => {
      const protocol = await protocolOf(row)
      const bytes = protocol.framing.encode(framesOf(stream).join(""))
      const bodies = new Map<string, number>()
      for (let length = 0; length < bytes.length; length += 1) {
        const { body } = drive(protocol, [bytes.slice(0, length)])
        if (!bodies.has(body)) bodies.set(body, length)
      }
      expect(bodies.size).toBeGreaterThan(framesOf(stream).length / 2)
      for (const body of bodies.keys()) expectCleanEnd(row, await judge(row, () => answered(protocol, body)))
    })

    test("how the network cuts the answer into chunks changes nothing", async () => {
      const protocol = await protocolOf(row)
      const bytes = protocol.framing.encode(
        [...framesOf(stream).slice(0, -1), stream.errors[0] ?? ""].join(""),
      )
      const size = fc.integer({ min: 1, max: 200 })
      const property = fc.property(fc.array(size), fc.nat(bytes.length), (sizes, length) => {
        const cut = bytes.slice(0, length)
        expect(drive(protocol, chunksOf(cut, sizes))).toEqual(drive(protocol, [cut]))
      })
      fc.assert(property, { numRuns: 200 })
    })
  })
}

/** What the classifier is given: the data of the frame, unwrapped from an array. */
function failureText(frame: string): string {
  if (frame.startsWith("\0")) return awsFailure(frame)
  const data = frame
    .trim()
    .replace(/^event: .*\n/, "")
    .replace(/^data: /, "")
  return data.startsWith("[") ? data.slice(1, -1) : data
}

function awsFailure(frame: string): string {
  const { headers, payload } = readAwsMessage(frame)
  const type = headers[":exception-type"]
  const value = JSON.parse(payload) as Readonly<Record<string, unknown>>
  return JSON.stringify({ ...value, __type: type, message: value["message"] ?? type })
}

function* chunksOf(
  bytes: Uint8Array<ArrayBuffer>,
  sizes: readonly number[],
): Generator<Uint8Array<ArrayBuffer>> {
  let offset = 0
  for (const size of sizes) {
    if (offset >= bytes.length) return
    yield bytes.slice(offset, offset + size)
    offset += size
  }
  if (offset < bytes.length) yield bytes.slice(offset)
}
