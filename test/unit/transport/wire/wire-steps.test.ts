import { describe, expect, test } from "bun:test"
import { parseJsonText } from "../../../../src/core/json-object.ts"
import { anthropicMessages } from "../../../../src/transport/wire/anthropic-messages.ts"
import { cohereChat } from "../../../../src/transport/wire/cohere-chat.ts"
import { readFrame } from "../../../../src/transport/wire/frame-reader.ts"
import { openaiResponses } from "../../../../src/transport/wire/openai-responses.ts"
import {
  asksForStream,
  brokenOff,
  errorText,
  failed,
  furthest,
  isOneDataLine,
  readData,
} from "../../../../src/transport/wire/wire-steps.ts"
import type { Shown } from "../../../../src/transport/wire/wire-types.ts"

describe("the error in a frame", () => {
  const rows: readonly (readonly [string, string, string | undefined])[] = [
    ["its event says so", 'event: error\ndata: {"x":1}\n\n', '{"x":1}'],
    ["its type", 'data: {"type":"error"}\n\n', '{"type":"error"}'],
    ["vLLM's object", 'data: {"object":"error"}\n\n', '{"object":"error"}'],
    ["an error object", 'data: {"error":{"code":1}}\n\n', '{"error":{"code":1}}'],
    ["an error text", 'data: {"error":"no"}\n\n', '{"error":"no"}'],
    ["Gemini's list", 'data: [{"error":{"code":1}}]\n\n', '{"error":{"code":1}}'],
    ["a proxy's page", "data: <html>\n\n", "<html>"],
    ["bare JSON", '{"error":"no"}\n\n', '{"error":"no"}'],
    ["none: an empty error", 'data: {"error":""}\n\n', undefined],
    ["none: no error", 'data: {"error":null,"x":1}\n\n', undefined],
    ["none: a list of something else", 'data: [{"x":1}]\n\n', undefined],
    ["none: an empty list", "data: []\n\n", undefined],
    ["none: a number", "data: 7\n\n", undefined],
    ["none: the end", "data: [DONE]\n\n", undefined],
  ]
  test.each(rows)("%s", (_, text, error) => {
    const frame = readFrame(text)
    expect(frame && errorText(frame, parseJsonText(frame.data))).toBe(error as never)
    const data = readData(text, false)
    const failure = "step" in data && data.step.type === "failure" ? data.step.text : undefined
    expect(failure).toBe(error as never)
  })

  test("a frame with nothing in it is passed on as no content", () => {
    expect(readData(": ping\n\n", false)).toEqual({ step: { type: "forward", content: false } })
  })
})

describe("what lacks what every part of an answer has", () => {
  const step = { type: "replace", frames: ": left out, no part of an answer\n\n", content: false } as const
  test.each(["", "  ", "{}", "null", "7", "[]", '{"ts":1}', '{"choices":null}', '{"note":"all is well"}'])(
    "%j is left out, before the end and behind it",
    (data) => {
      for (const finished of [false, true])
        expect(readData(`event: ping\ndata: ${data}\n\n`, finished, "choices")).toEqual({ step })
    },
  )

  test.each(["", "null", "7", "[]"])("%j is left out where a part need have nothing", (data) => {
    expect(readData(`data: ${data}\n\n`, false)).toEqual({ step })
    expect(readData('data: {"ts":1}\n\n', false)).not.toHaveProperty("step")
  })

  test.each([
    { type: "overloaded_error", message: "Overloaded, retry in 20 minutes" },
    { type: "rate_limit_error", message: "slow down" },
    { type: "exception", status: 429, message: "slow down" },
    { type: "usage_limit_reached", resets_in_seconds: 1200 },
  ])("is an error also under a type of its own: %j", (value) => {
    const data = JSON.stringify(value)
    for (const protocol of [anthropicMessages, openaiResponses, cohereChat])
      for (const named of ["", `event: ${value.type}\n`]) {
        const reader = protocol.open("m")
        expect(reader.read(`${named}data: ${data}\n\n`)).toEqual({ type: "failure", text: data })
      }
  })

  test.each([
    { type: "keepalive" },
    { type: "vertex_event", status: "ok" },
    { type: "quota_exceeded_soon" },
    {
      type: "codex.rate_limits",
      rate_limits: { allowed: true, limit_reached: true, primary: { reset_after_seconds: 1200 } },
    },
  ])("is left out under a type that is no failure's: %j", (value) => {
    for (const protocol of [anthropicMessages, openaiResponses, cohereChat]) {
      const reader = protocol.open("m")
      expect(reader.read(`data: ${JSON.stringify(value)}\n\n`)).toEqual(step)
    }
  })

  test("is not [DONE], which gateways send in every protocol", () => {
    for (const protocol of [anthropicMessages, openaiResponses, cohereChat]) {
      const reader = protocol.open("m")
      expect(reader.read("data: [DONE]\n\n")).toEqual({ type: "forward", content: false })
    }
  })

  test.each([
    ["counts tokens", 'data: {"usage":{"total_tokens":3}}\n\n'],
    ["is part of an answer", 'data: {"choices":[]}\n\n'],
  ])("stays where it %s", (_, text) => {
    expect(readData(text, false, "choices")).not.toHaveProperty("step")
  })
})

describe("after the answer is complete", () => {
  test("an error changes nothing any more", () => {
    expect(failed("no", false)).toEqual({ type: "failure", text: "no" })
    expect(failed("no", true)).toMatchObject({ type: "replace", content: false })
  })

  test("a word for a failure is a cut before it, and nothing after it", () => {
    expect(brokenOff("frame", false)).toEqual({ type: "closing", closing: "cut", frames: "frame" })
    expect(brokenOff("frame", true)).toMatchObject({ type: "replace", content: false })
  })
})

test("what was shown goes only forwards", () => {
  const order: readonly Shown[] = ["nothing", "reasoning", "text", "tool"]
  for (const [at, a] of order.entries())
    for (const [other, b] of order.entries()) expect(furthest(a, b)).toBe(order[Math.max(at, other)] as Shown)
})

test.each([
  ['data: {"a":1}\n\n', true],
  ['data: {"a":1}\n', false],
  ['data: {"a":1,\ndata: "b":2}\n\n', false],
  ['event: x\ndata: {"a":1}\n\n', false],
  ["data: [DONE]\n\n", false],
])("%j is one line of JSON: %p", (frame, expected) => {
  expect(isOneDataLine(frame)).toBe(expected)
})

describe("a request asks for a stream", () => {
  const url = new URL("http://p/")
  test.each([
    [undefined, true],
    [{ stream: true, messages: true }, true],
    [{ stream: true }, false],
    [{ stream: false, messages: true }, false],
    [{ messages: true }, false],
  ])("%p: %p", (body, expected) => {
    expect(asksForStream({ url, body }, "messages")).toBe(expected)
  })
})

test("a frame is read for itself, whatever stood in the one before", () => {
  expect(readFrame("event: x\ndata: 1\n\n")).toMatchObject({ event: "x", data: "1" })
  expect(readFrame(": a comment\n\n")).toBeUndefined()
  expect(readFrame("event: half")).toBeUndefined()
  for (const text of ["{half\n\n", "5\n\n"]) expect(readFrame(text)).toBeUndefined()
  expect(readFrame("data: 3\n\n")).toEqual({ data: "3" })
  expect(readFrame("data: 4\n\ndata: 5\n\n")).toMatchObject({ data: "5" })
  expect(readFrame("\n")).toBeUndefined()
})
