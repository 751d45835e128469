import { describe, expect, test } from "bun:test"
import { aiGateway } from "../../../../src/transport/wire/ai-gateway.ts"
import { anthropicMessages } from "../../../../src/transport/wire/anthropic-messages.ts"
import { bedrockConverse } from "../../../../src/transport/wire/bedrock-converse.ts"
import { cohereChat } from "../../../../src/transport/wire/cohere-chat.ts"
import { gemini } from "../../../../src/transport/wire/gemini.ts"
import { openaiChat } from "../../../../src/transport/wire/openai-chat.ts"
import { openaiResponses } from "../../../../src/transport/wire/openai-responses.ts"
import { sseFraming } from "../../../../src/transport/wire/sse-frames.ts"
import type { WireProtocol } from "../../../../src/transport/wire/wire-types.ts"

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`

function read(protocol: WireProtocol, values: readonly unknown[]) {
  const reader = protocol.open("m")
  return { reader, steps: values.map((value) => reader.read(data(value))) }
}

const incomplete = (reason: string | undefined) => ({
  type: "response.incomplete",
  response: { incomplete_details: reason === undefined ? null : { reason } },
})
const candidate = (more: object) => ({ candidates: [{ content: { parts: [] }, ...more }] })
const stopReason = (reason: string | null) => ({ type: "message_delta", delta: { stop_reason: reason } })

const chat = (reason: string, delta: object = {}) => ({ choices: [{ delta, finish_reason: reason }] })

/** Each with nothing before it. */
describe("what the provider's end amounts to", () => {
  test.each([
    ["max_output_tokens", openaiResponses, incomplete("max_output_tokens"), "turn-ends"],
    ["content_filter", openaiResponses, incomplete("content_filter"), "filtered"],
    ["incomplete without a reason", openaiResponses, incomplete(undefined), "turn-ends"],
    ["completed", openaiResponses, { type: "response.completed", response: {} }, "empty"],
    ["refusal", anthropicMessages, stopReason("refusal"), "filtered"],
    ["max_tokens", anthropicMessages, stopReason("max_tokens"), "turn-ends"],
    ["end_turn", anthropicMessages, stopReason("end_turn"), "empty"],
    ["tool_use", anthropicMessages, stopReason("tool_use"), "cut"],
    ["a reason of tomorrow", anthropicMessages, stopReason("tired"), "cut"],
    ["message_stop", anthropicMessages, { type: "message_stop" }, "cut"],
    ["a blocked prompt", gemini, { promptFeedback: { blockReason: "SAFETY" } }, "filtered"],
    ["SAFETY", gemini, candidate({ finishReason: "SAFETY" }), "filtered"],
    ["PROHIBITED_CONTENT", gemini, candidate({ finishReason: "PROHIBITED_CONTENT" }), "filtered"],
    ["STOP", gemini, candidate({ finishReason: "STOP" }), "empty"],
    ["STOP in Code Assist's wrapper", gemini, { response: candidate({ finishReason: "STOP" }) }, "empty"],
    ["MALFORMED_FUNCTION_CALL", gemini, candidate({ finishReason: "MALFORMED_FUNCTION_CALL" }), "cut"],
    ["OTHER", gemini, candidate({ finishReason: "OTHER" }), "cut"],
    ["length", openaiChat, chat("length"), "turn-ends"],
    ["content_filter, chat", openaiChat, chat("content_filter"), "filtered"],
    ["stop", openaiChat, chat("stop"), "empty"],
    ["tool_calls", openaiChat, chat("tool_calls"), "cut"],
    ["error", openaiChat, chat("error"), "cut"],
    ["network_error after text", openaiChat, chat("network_error", { content: "hi" }), "cut"],
    ["insufficient_system_resource", openaiChat, chat("insufficient_system_resource"), "cut"],
    ["ERROR", cohereChat, { type: "message-end", delta: { finish_reason: "ERROR" } }, "cut"],
    ["TIMEOUT", cohereChat, { type: "message-end", delta: { finish_reason: "TIMEOUT" } }, "cut"],
    ["COMPLETE", cohereChat, { type: "message-end", delta: { finish_reason: "COMPLETE" } }, "empty"],
    ["error, gateway", aiGateway, { type: "finish", finishReason: { unified: "error" } }, "cut"],
    [
      "content-filter, gateway",
      aiGateway,
      { type: "finish", finishReason: { unified: "content-filter" } },
      "filtered",
    ],
    ["stop, gateway", aiGateway, { type: "finish", finishReason: { unified: "stop" } }, "empty"],
    ["eos", openaiChat, chat("eos"), "cut"],
    ["eos after a thought", openaiChat, chat("eos", { reasoning_content: "hm" }), "cut"],
    ["stop after a thought", openaiChat, chat("stop", { reasoning_content: "hm" }), "turn-ends"],
  ] as const)("%s", (_name, protocol, value, closing) => {
    const { reader, steps } = read(protocol, [value])
    expect(steps).toEqual([{ type: "closing", closing, frames: data(value) }])
    expect(reader.finished).toBe(closing === "turn-ends")
    if (!reader.finished) expect(reader.end()).not.toBe("")
  })
})

/** Over each of these OpenCode would ask again at once and without end. */
describe("an answer whose end no SDK understands gets one that it does", () => {
  const blockOf = (index: number, text: string) => [
    { type: "content_block_start", index, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index, delta: { type: "text_delta", text } },
    { type: "content_block_stop", index },
  ]
  const part = { content: { parts: [{ text: "hi" }] } }
  const gatewayText = { type: "text-delta", id: "0", delta: "hi" }
  test.each([
    ["chat, unknown", openaiChat, [chat("eos", { content: "hi" })], '"finish_reason":"stop"'],
    ["chat, calls", openaiChat, [chat("tool_calls", { content: "hi" })], '"finish_reason":"stop"'],
    ["Anthropic, unknown", anthropicMessages, [...blockOf(0, "hi"), stopReason("x")], '"end_turn"'],
    ["Anthropic, calls", anthropicMessages, [...blockOf(0, "hi"), stopReason("tool_use")], '"end_turn"'],
    ["Anthropic, none", anthropicMessages, [...blockOf(0, "hi"), { type: "message_stop" }], '"end_turn"'],
    [
      "Gemini, unknown",
      gemini,
      [candidate({ ...part, finishReason: "OTHER" })],
      'data: {"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}\n',
    ],
    [
      "Code Assist, unknown",
      gemini,
      [{ response: candidate({ ...part, finishReason: "OTHER" }) }],
      '{"response":{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}}',
    ],
    [
      "gateway, unknown",
      aiGateway,
      [gatewayText, { type: "finish", finishReason: { unified: "other", raw: "x" } }],
      '"finishReason":{"unified":"stop","raw":"x"}',
    ],
    [
      "gateway, unknown, in the words of an older SDK",
      aiGateway,
      [gatewayText, { type: "finish", finishReason: "unknown" }],
      '"finishReason":"stop"',
    ],
  ] as const)("%s", (_name, protocol, values, word) => {
    const { reader, steps } = read(protocol, values)
    const last = steps.at(-1)
    expect(last).toMatchObject({ type: "closing", closing: "turn-ends" })
    expect(last?.type === "closing" && last.frames).toContain(word)
    expect(reader.finished).toBe(true)
  })

  test("also where the word is said twice", () => {
    const { steps } = read(openaiChat, [chat("eos", { content: "hi" }), chat("eos")])
    expect(steps.at(-1)).toMatchObject({ type: "replace", frames: data(chat("stop")) })
  })
})

describe("Anthropic", () => {
  const start = { type: "message_start", message: { usage: { input_tokens: 9, output_tokens: 3 } } }

  test("a message_stop that was left out is supplied, without a second stop reason", () => {
    const { reader } = read(anthropicMessages, [start, stopReason("max_tokens")])
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
    expect(reader.shown).toBe("reasoning")
  })

  test("[DONE], which some gateways add, is no failure", () => {
    const reader = anthropicMessages.open("m")
    expect(reader.read("data: [DONE]\n\n")).toEqual({ type: "forward", content: false })
  })

  test.each(["ping", "content_block_of_tomorrow"])("%s is only a sign of life", (type) => {
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
    expect(read(openaiResponses, [done]).reader.shown).toBe("reasoning")
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
    expect(sseFraming.unterminatedError(new TextEncoder().encode(rest))).toBe(error)
  })
})

describe("an end that is said twice ends the answer once", () => {
  const protocols = [
    openaiChat,
    openaiResponses,
    anthropicMessages,
    gemini,
    cohereChat,
    bedrockConverse,
    aiGateway,
  ]
  test.each(protocols.map((protocol) => [protocol.name, protocol] as const))("%s", (_name, protocol) => {
    const { frames } = protocol.framing.splitter().push(protocol.framing.encode(protocol.answer("m", "hi")))
    const reader = protocol.open("m")
    const closings = () => frames.map((frame) => reader.read(frame)).filter(({ type }) => type === "closing")
    expect([closings().length, closings().length, reader.finished]).toEqual([1, 0, true])
  })

  test("also where the second time another word is said, over which it would have none", () => {
    const finish = (unified: string) => ({ type: "finish", finishReason: { unified } })
    const thought = { type: "reasoning-delta", id: "0", delta: "hm" }
    const { reader, steps } = read(aiGateway, [thought, finish("stop"), finish("tool-calls")])
    expect(steps.map(({ type }) => type)).toEqual(["forward", "closing", "replace"])
    expect(reader.finished).toBe(true)
  })
})
