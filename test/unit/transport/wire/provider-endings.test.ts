import { describe, expect, test } from "bun:test"
import { anthropicMessages } from "../../../../src/transport/wire/anthropic-messages.ts"
import { gemini } from "../../../../src/transport/wire/gemini.ts"
import { openaiResponses } from "../../../../src/transport/wire/openai-responses.ts"
import { unterminatedError, type WireProtocol } from "../../../../src/transport/wire/wire-protocol.ts"

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`

function read(protocol: WireProtocol, values: readonly unknown[]) {
  const reader = protocol.open({ model: "m" })
  return { reader, steps: values.map((value) => reader.read(data(value))) }
}

const incomplete = (reason: string | undefined) => ({
  type: "response.incomplete",
  response: { incomplete_details: reason === undefined ? null : { reason } },
})
const candidate = (more: object) => ({ candidates: [{ content: { parts: [] }, ...more }] })
const stopReason = (reason: string | null) => ({ type: "message_delta", delta: { stop_reason: reason } })

describe("an end of the provider's own is passed on and is no failure", () => {
  test.each([
    ["max_output_tokens", openaiResponses, incomplete("max_output_tokens")],
    ["content_filter", openaiResponses, incomplete("content_filter")],
    ["incomplete without a reason", openaiResponses, incomplete(undefined)],
    ["completed", openaiResponses, { type: "response.completed", response: {} }],
    ["refusal", anthropicMessages, stopReason("refusal")],
    ["max_tokens", anthropicMessages, stopReason("max_tokens")],
    ["message_stop", anthropicMessages, { type: "message_stop" }],
    ["a blocked prompt", gemini, { promptFeedback: { blockReason: "SAFETY" } }],
    ["SAFETY", gemini, candidate({ finishReason: "SAFETY" })],
    ["MALFORMED_FUNCTION_CALL", gemini, candidate({ finishReason: "MALFORMED_FUNCTION_CALL" })],
    ["STOP in Code Assist's wrapper", gemini, { response: candidate({ finishReason: "STOP" }) }],
  ])("%s", (_name, protocol, value) => {
    const { reader, steps } = read(protocol, [value])
    expect(steps).toEqual([{ type: "forward", content: false }])
    expect(reader.finished).toBe(true)
  })
})

describe("Anthropic", () => {
  const start = { type: "message_start", message: { usage: { input_tokens: 9, output_tokens: 3 } } }

  test("a message_stop that was left out is supplied, without a second stop reason", () => {
    const { reader } = read(anthropicMessages, [start, stopReason("end_turn")])
    expect(reader.finished).toBe(true)
    expect(reader.end()).toBe('event: message_stop\ndata: {"type":"message_stop"}\n\n')
    expect(reader.end()).toBe("")
  })

  test("the ending keeps the tokens that the provider has counted", () => {
    expect(read(anthropicMessages, [start]).reader.end()).toContain('"usage":{"output_tokens":3}')
  })

  test("a tool that the provider runs itself is not shown as a tool", () => {
    const block = { type: "content_block_start", index: 0, content_block: { type: "server_tool_use" } }
    const { reader } = read(anthropicMessages, [start, block, { type: "content_block_stop", index: 0 }])
    expect(reader.shown).toBe("nothing")
  })

  test("[DONE], which some gateways add, is no failure", () => {
    const reader = anthropicMessages.open({ model: "m" })
    expect(reader.read("data: [DONE]\n\n")).toEqual({ type: "forward", content: false })
  })

  test.each(["ping", "a_type_of_tomorrow"])("%s is only a sign of life", (type) => {
    expect(read(anthropicMessages, [{ type }]).steps).toEqual([{ type: "forward", content: false }])
  })
})

describe("responses", () => {
  test("an item keeps its index, since Copilot changes the ids", () => {
    const added = { type: "response.output_item.added", output_index: 4, item: { type: "message", id: "a" } }
    const ending = read(openaiResponses, [{ type: "response.created" }, added]).reader.end()
    expect(ending).toContain('"output_index":4,"item":{"type":"message","id":"a"')
    expect(ending).not.toContain("response.created")
  })

  test("a search that the provider runs itself is not shown as a tool", () => {
    const done = { type: "response.output_item.done", output_index: 0, item: { type: "web_search_call" } }
    expect(read(openaiResponses, [done]).reader.shown).toBe("nothing")
  })
})

describe("Gemini", () => {
  test("usage that the provider has given is not overwritten with zeros", () => {
    const { reader } = read(gemini, [candidate({}), { usageMetadata: { promptTokenCount: 3 } }])
    expect(reader.end()).not.toContain("usageMetadata")
    expect(read(gemini, []).reader.end()).toContain('"promptTokenCount":0')
  })

  test("a last chunk that still brings text ends the answer", () => {
    const last = candidate({ content: { parts: [{ text: "bye" }] }, finishReason: "STOP" })
    const { reader } = read(gemini, [last])
    expect(reader.finished).toBe(true)
    expect(reader.shown).toBe("text")
  })

  test("an error in arguments of a tool call is the model's own business", () => {
    const call = { functionCall: { name: "report", args: { error: { code: 500 } } } }
    const { reader, steps } = read(gemini, [{ candidates: [{ content: { parts: [call] } }] }])
    expect(steps).toEqual([{ type: "forward", content: true }])
    expect(reader.shown).toBe("tool")
  })
})

describe("what is left behind the last frame", () => {
  test.each([
    ["an error line", 'data: {"error":{"message":"x"}}', '{"error":{"message":"x"}}'],
    ["an error with its event", 'event: error\ndata: {"message":"x"}\n', '{"message":"x"}'],
    ["a bare error", '{"error":"x"}', '{"error":"x"}'],
    ["half an error", 'data: {"error":{"mess', undefined],
    ["half a frame", 'data: {"choices":[', undefined],
    ["a whole frame without its blank line", 'data: {"type":"message_stop"}\n', undefined],
    ["nothing", "", undefined],
  ])("%s", (_name, rest, error) => {
    expect(unterminatedError(rest)).toBe(error)
  })
})
