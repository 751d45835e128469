/** Frame by frame: whether it is content or only a sign of life, and how far the answer has come with it. */
import { describe, expect, test } from "bun:test"
import { aiGateway } from "../../../../src/transport/wire/ai-gateway.ts"
import { anthropicMessages } from "../../../../src/transport/wire/anthropic-messages.ts"
import { awsMessage } from "../../../../src/transport/wire/aws-event-message.ts"
import { bedrockConverse } from "../../../../src/transport/wire/bedrock-converse.ts"
import { cohereChat } from "../../../../src/transport/wire/cohere-chat.ts"
import { gemini } from "../../../../src/transport/wire/gemini.ts"
import { openaiChat } from "../../../../src/transport/wire/openai-chat.ts"
import { openaiResponses } from "../../../../src/transport/wire/openai-responses.ts"
import type { Shown, WireProtocol, WireStep } from "../../../../src/transport/wire/wire-types.ts"

type Value = Readonly<Record<string, unknown>>
/** `sign` of life, `content`, how it closes, or a failure. */
type Meaning = "sign" | "content" | "turn-ends" | "goes-on" | "cut" | "empty" | "filtered" | "failure"
type Row = readonly [value: Value, meaning: Meaning, shown: Shown]

function frameOf(protocol: WireProtocol, value: Value): string {
  if (protocol !== bedrockConverse) return `data: ${JSON.stringify(value)}\n\n`
  const [[type, payload] = ["", {}]] = Object.entries(value)
  const headers = { ":message-type": "event", ":event-type": type }
  return awsMessage({ headers, payload: JSON.stringify(payload) })
}

function meaningOf(step: WireStep): Meaning {
  if (step.type === "closing") return step.closing
  return step.type === "failure" ? "failure" : step.content ? "content" : "sign"
}

const cohere = (content: Value): Value => ({ type: "content-delta", delta: { message: { content } } })
const parts = (...given: readonly Value[]): Value => ({ candidates: [{ content: { parts: given } }] })
const choice = (delta: Value, finish_reason: string | null = null): Value => ({
  choices: [{ index: 0, delta, finish_reason }],
})
const block = (index: number, type: string): Value => ({
  type: "content_block_start",
  index,
  content_block: { type },
})
const said = (delta: Value): Value => ({ type: "content_block_delta", index: 0, delta })
const blockEnd = (index: number): Value => ({ type: "content_block_stop", index })
const item = (stage: "added" | "done", type: string): Value => ({
  type: `response.output_item.${stage}`,
  output_index: 0,
  item: { type, id: "i" },
})

const answers: readonly (readonly [name: string, protocol: WireProtocol, rows: readonly Row[]])[] = [
  [
    "Cohere",
    cohereChat,
    [
      [{ type: "message-start" }, "sign", "nothing"],
      [{ type: "content-start", index: 0 }, "sign", "nothing"],
      [cohere({ text: "" }), "sign", "nothing"],
      [cohere({ thinking: "" }), "sign", "nothing"],
      [{ type: "tool-plan-delta" }, "content", "nothing"],
      [cohere({ thinking: "hm" }), "content", "reasoning"],
      [cohere({ text: "hi" }), "content", "text"],
      [cohere({ thinking: "hm" }), "content", "text"],
      [{ type: "content-end" }, "sign", "text"],
      [{ type: "tool-call-start" }, "content", "text"],
      [{ type: "tool-call-delta" }, "content", "text"],
      [{ type: "tool-call-end" }, "content", "tool"],
      [{ type: "of-tomorrow" }, "sign", "tool"],
      [{ type: "message-end", delta: { finish_reason: "TOOL_CALL" } }, "goes-on", "tool"],
    ],
  ],
  [
    "Cohere, an error that calls itself an end",
    cohereChat,
    [
      [cohere({ text: "hi" }), "content", "text"],
      [{ type: "message-end", delta: { finish_reason: "ERROR" } }, "cut", "text"],
    ],
  ],
  [
    "the gateway",
    aiGateway,
    [
      [{ type: "stream-start" }, "sign", "nothing"],
      [{ type: "reasoning-start", id: "0" }, "sign", "nothing"],
      [{ type: "reasoning-delta", id: "0", delta: "" }, "sign", "nothing"],
      [{ type: "reasoning-delta", id: "0", delta: "hm" }, "content", "reasoning"],
      [{ type: "reasoning-end", id: "0" }, "sign", "reasoning"],
      [{ type: "text-start", id: "1" }, "sign", "reasoning"],
      [{ type: "text-delta", id: "1", delta: "hi" }, "content", "text"],
      [{ type: "text-end", id: "1" }, "sign", "text"],
      [{ type: "tool-input-start", id: "2" }, "content", "text"],
      [{ type: "tool-input-delta", id: "2", delta: "{}" }, "content", "text"],
      [{ type: "tool-call" }, "content", "tool"],
      [{ type: "finish", finishReason: "tool-calls" }, "goes-on", "tool"],
    ],
  ],
  [
    "the gateway, a tool that the provider runs",
    aiGateway,
    [
      [{ type: "tool-call", providerExecuted: true }, "content", "reasoning"],
      [{ type: "finish", finishReason: { unified: "stop" } }, "turn-ends", "reasoning"],
    ],
  ],
  [
    "the gateway, an error that calls itself an end",
    aiGateway,
    [
      [{ type: "text-delta", id: "1", delta: "hi" }, "content", "text"],
      [{ type: "finish", finishReason: "error" }, "cut", "text"],
    ],
  ],
  [
    "responses",
    openaiResponses,
    [
      [{ type: "response.created" }, "sign", "nothing"],
      [{ type: "response.queued" }, "sign", "nothing"],
      [{ type: "response.in_progress" }, "sign", "nothing"],
      [item("added", "reasoning"), "sign", "nothing"],
      [item("added", "function_call"), "content", "nothing"],
      [{ type: "response.output_text.delta", delta: "" }, "sign", "nothing"],
      [{ delta: "", type: "response.output_text.delta" }, "sign", "nothing"],
      [{ type: "response.function_call_arguments.delta", delta: "{}" }, "content", "nothing"],
      [item("done", "message"), "sign", "nothing"],
      [{ type: "response.reasoning_summary_text.delta", delta: "hm" }, "content", "reasoning"],
      [{ delta: "hm", type: "response.reasoning_text.delta" }, "content", "reasoning"],
      [item("added", "message"), "content", "reasoning"],
      [{ type: "response.output_text.delta", delta: "hi" }, "content", "text"],
      [item("done", "web_search_call"), "sign", "text"],
      [item("done", "function_call"), "sign", "tool"],
      [{ type: "response.completed", response: {} }, "goes-on", "tool"],
      [{ type: "response.completed", response: {} }, "sign", "tool"],
    ],
  ],
  [
    "responses, a refusal",
    openaiResponses,
    [
      [{ delta: "no", type: "response.refusal.delta" }, "content", "text"],
      [{ type: "response.done", response: {} }, "turn-ends", "text"],
    ],
  ],
  [
    "responses, a tool that the provider runs",
    openaiResponses,
    [
      [item("done", "web_search_call"), "sign", "reasoning"],
      [{ type: "response.failed", response: { error: { message: "no" } } }, "failure", "reasoning"],
    ],
  ],
  [
    "Gemini",
    gemini,
    [
      [parts({ text: "" }), "sign", "nothing"],
      [parts({ functionCall: { name: "t", willContinue: true } }), "content", "nothing"],
      [parts({ functionCall: { name: "t", partialArgs: [{ willContinue: true }] } }), "content", "nothing"],
      [parts({ text: "hm", thought: true }), "content", "reasoning"],
      [parts({ executableCode: {} }), "sign", "reasoning"],
      [parts({ text: "hi" }), "content", "text"],
      [parts({ functionCall: { name: "t", partialArgs: [{}] } }), "content", "tool"],
      [{ candidates: [{ finishReason: "STOP" }] }, "goes-on", "tool"],
    ],
  ],
  [
    "Gemini, code that it runs itself",
    gemini,
    [
      [parts({ executableCode: {} }), "sign", "reasoning"],
      [parts({ codeExecutionResult: {} }), "sign", "reasoning"],
      [parts({ inlineData: {} }), "sign", "text"],
      [parts({ functionCall: { name: "t" } }), "content", "tool"],
    ],
  ],
  [
    "Anthropic",
    anthropicMessages,
    [
      [{ type: "message_start", message: {} }, "sign", "nothing"],
      [block(0, "text"), "content", "nothing"],
      [said({ type: "text_delta", text: "" }), "sign", "nothing"],
      [said({ type: "thinking_delta", thinking: "" }), "sign", "nothing"],
      [blockEnd(0), "sign", "nothing"],
      [block(1, "thinking"), "content", "nothing"],
      [{ type: "content_block_delta", index: 1, delta: { type: "thinking_delta" } }, "content", "reasoning"],
      [blockEnd(1), "sign", "reasoning"],
      [block(2, "text"), "content", "reasoning"],
      [{ type: "content_block_delta", index: 2, delta: { type: "text_delta" } }, "content", "text"],
      [block(3, "tool_use"), "content", "text"],
      [{ type: "content_block_delta", index: 3, delta: { type: "input_json_delta" } }, "content", "text"],
      [blockEnd(3), "sign", "tool"],
      [{ type: "message_delta", delta: {} }, "sign", "tool"],
      [{ type: "message_delta", delta: { stop_reason: "tool_use" } }, "goes-on", "tool"],
      [{ type: "message_delta", delta: { stop_reason: "tool_use" } }, "sign", "tool"],
      [{ type: "message_stop" }, "sign", "tool"],
    ],
  ],
  [
    "Anthropic, half a call alone",
    anthropicMessages,
    [
      [block(0, "tool_use"), "content", "nothing"],
      [{ type: "content_block_delta", index: 0, delta: { type: "input_json_delta" } }, "content", "nothing"],
    ],
  ],
  [
    "Anthropic, a thought alone",
    anthropicMessages,
    [
      [block(0, "redacted_thinking"), "content", "nothing"],
      [blockEnd(0), "sign", "reasoning"],
      [{ type: "message_stop" }, "cut", "reasoning"],
    ],
  ],
  [
    "chat",
    openaiChat,
    [
      [choice({ role: "assistant", content: "" }), "sign", "nothing"],
      [choice({ reasoning: "hm" }), "content", "reasoning"],
      [choice({ reasoning_details: [{}] }), "content", "reasoning"],
      [choice({ content: [{ type: "thinking" }] }), "content", "reasoning"],
      [choice({ content: [{ type: "text" }] }), "content", "text"],
      [choice({ reasoning_content: "hm" }), "content", "text"],
      [choice({ content: "hi" }), "content", "text"],
      [{ choices: [], usage: { total_tokens: 1 } }, "sign", "text"],
      [choice({}, "stop"), "turn-ends", "text"],
    ],
  ],
  [
    "chat, a call",
    openaiChat,
    [
      [choice({ tool_calls: [{ index: 0, id: "c", function: { arguments: "{" } }] }), "content", "nothing"],
      [choice({ tool_calls: [{ index: 0, function: { arguments: "}" } }] }), "content", "tool"],
      [choice({}, "tool_calls"), "goes-on", "tool"],
    ],
  ],
  [
    "Bedrock",
    bedrockConverse,
    [
      [{ messageStart: {} }, "sign", "nothing"],
      [{ contentBlockStart: { contentBlockIndex: 0, start: {} } }, "sign", "nothing"],
      [{ contentBlockDelta: { contentBlockIndex: 0, delta: { text: "" } } }, "sign", "nothing"],
      [
        { contentBlockDelta: { contentBlockIndex: 1, delta: { reasoningContent: {} } } },
        "content",
        "reasoning",
      ],
      [{ contentBlockDelta: { contentBlockIndex: 0, delta: { text: "hi" } } }, "content", "text"],
      [{ contentBlockStop: { contentBlockIndex: 0 } }, "sign", "text"],
      [{ contentBlockStart: { contentBlockIndex: 2, start: { toolUse: {} } } }, "content", "text"],
      [{ contentBlockDelta: { contentBlockIndex: 2, delta: { toolUse: {} } } }, "content", "text"],
      [{ contentBlockStop: { contentBlockIndex: 2 } }, "sign", "tool"],
      [{ ofTomorrow: {} }, "sign", "tool"],
      [{ messageStop: { stopReason: "tool_use" } }, "goes-on", "tool"],
    ],
  ],
]

describe.each(answers)("%s", (_, protocol, rows) => {
  test("step by step", () => {
    const reader = protocol.open("m")
    const read = rows.map(([value]): Row => {
      const meaning = meaningOf(reader.read(frameOf(protocol, value)))
      return [value, meaning, reader.shown]
    })
    expect(read).toEqual([...rows])
  })
})

test.each<[string, WireProtocol, readonly Value[], stop: string]>([
  ["Anthropic", anthropicMessages, [block(0, "text"), blockEnd(0)], "content_block_stop"],
  ["Cohere", cohereChat, [{ type: "content-start", index: 0 }, { type: "content-end" }], "content-end"],
  [
    "the gateway",
    aiGateway,
    [
      { type: "text-start", id: "1" },
      { type: "text-end", id: "1" },
    ],
    "text-end",
  ],
  ["responses", openaiResponses, [item("added", "message"), item("done", "message")], "output_item.done"],
  [
    "Bedrock",
    bedrockConverse,
    [
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "hi" } } },
      { contentBlockStop: { contentBlockIndex: 0 } },
    ],
    "contentBlockStop",
  ],
])(
  "%s: a block that is open is closed with the step, and one that was closed is not",
  (_, protocol, values, stop) => {
    const ending = (count: number): string => {
      const reader = protocol.open("m")
      for (const value of values.slice(0, count)) reader.read(frameOf(protocol, value))
      return reader.end()
    }
    expect(ending(1)).toContain(stop)
    expect(ending(2)).not.toContain(stop)
  },
)

test("an error of Bedrock's behind the end is passed over, and is no content", () => {
  const reader = bedrockConverse.open("m")
  for (const value of [
    { contentBlockDelta: { contentBlockIndex: 0, delta: { text: "hi" } } },
    { messageStop: { stopReason: "end_turn" } },
  ])
    reader.read(frameOf(bedrockConverse, value))
  const headers = { ":message-type": "exception", ":exception-type": "throttlingException" }
  expect(reader.read(awsMessage({ headers, payload: "{}" }))).toMatchObject({
    type: "replace",
    content: false,
  })
})
