import { awsMessage } from "../../../src/transport/wire/aws-event-message.ts"

/** A good answer, cut into its stages. Each string is one frame. */
export type RecordedStream = {
  readonly open: readonly string[]
  readonly reasoning: readonly string[]
  readonly text: readonly string[]
  /** One whole call of `write`. */
  readonly tool: readonly string[]
  readonly close: readonly string[]
  /** `close` of an answer that calls no tool. */
  readonly stop: readonly string[]
  readonly errors: readonly string[]
  readonly reasoningText: string
  readonly answerText: string
}

const said = ["Grüße, ", "wörld 👋 ", '"finish_reason":"stop" {"error":{}} ', "done."]
const thought = ["Let me ", "think – 考える."]
const common = { reasoningText: thought.join(""), answerText: said.join("") }

/** Holds what tempts a careless reader: closing brackets, quotes and a backslash inside a string. */
export const toolInput = { path: "a.txt", content: 'if (x) { y("\\}") }}' }
const argumentPieces = JSON.stringify(toolInput).match(/.{1,7}/gs) ?? []

const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const named = (value: { readonly type: string }) => `event: ${value.type}\n${data(value)}`

const chatChunk = (delta: unknown, reason: string | null = null, usage: unknown = null) =>
  data({
    id: "c1",
    object: "chat.completion.chunk",
    created: 1_700_000_000,
    model: "m",
    choices: [{ index: 0, delta, finish_reason: reason }],
    usage,
  })
const chatCall = (call: unknown) => chatChunk({ tool_calls: [call] })

const chatClose = (reason: string) => [
  chatChunk({}, reason),
  data({ id: "c1", choices: [], usage: { prompt_tokens: 9, completion_tokens: 5, total_tokens: 14 } }),
  "data: [DONE]\n\n",
]

export const chatStream: RecordedStream = {
  ...common,
  open: [": OPENROUTER PROCESSING\n\n", chatChunk({ role: "assistant", content: "" })],
  reasoning: thought.map((text) => chatChunk({ reasoning_content: text })),
  text: said.map((text) => chatChunk({ content: text })),
  tool: [
    chatCall({ index: 0, id: "call_1", type: "function", function: { name: "write", arguments: "" } }),
    ...argumentPieces.map((text) => chatCall({ index: 0, function: { arguments: text } })),
  ],
  close: chatClose("tool_calls"),
  stop: chatClose("stop"),
  errors: [
    data({ error: { message: "Rate limit reached", type: "rate_limit_error", code: 429 } }),
    data({ error: "upstream failed" }),
    data({
      id: "c1",
      error: { code: 502, message: "Upstream error" },
      choices: [{ index: 0, delta: { content: "" }, finish_reason: "error" }],
    }),
    data({
      id: "c1",
      choices: [{ index: 0, delta: { content: "" }, finish_reason: null }],
      error: { code: 429, message: "Slow down" },
    }),
    'event: error\ndata: {"message":"boom"}\n\n',
    data({ object: "error", message: "out of memory" }),
    data({ code: 429, message: "rate-limited upstream", metadata: { error_type: "rate_limit_exceeded" } }),
    data({ id: "c1", choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } }),
    "data: upstream connect error\n\n",
    '{"error":{"message":"overloaded"}}\n\n',
  ],
}

const anthropicBlock = (index: number, block: unknown, deltas: readonly unknown[]) => [
  named2("content_block_start", { index, content_block: block }),
  ...deltas.map((delta) => named2("content_block_delta", { index, delta })),
  named2("content_block_stop", { index }),
]
const named2 = (type: string, rest: object) => named({ type, ...rest })

const anthropicClose = (stop_reason: string) => [
  named2("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 15 } }),
  named2("message_stop", {}),
]

export const anthropicStream: RecordedStream = {
  ...common,
  open: [
    named2("message_start", {
      message: {
        id: "msg_1",
        type: "message",
        role: "assistant",
        model: "claude-sonnet-4-5",
        content: [],
        stop_reason: null,
        usage: { input_tokens: 25, output_tokens: 1 },
      },
    }),
    named2("ping", {}),
  ],
  reasoning: anthropicBlock(0, { type: "thinking", thinking: "", signature: "" }, [
    ...thought.map((thinking) => ({ type: "thinking_delta", thinking })),
    { type: "signature_delta", signature: "c2ln" },
  ]),
  text: anthropicBlock(
    1,
    { type: "text", text: "" },
    said.map((text) => ({ type: "text_delta", text })),
  ),
  tool: anthropicBlock(
    2,
    { type: "tool_use", id: "toolu_1", name: "write", input: {} },
    argumentPieces.map((partial_json) => ({ type: "input_json_delta", partial_json })),
  ),
  close: anthropicClose("tool_use"),
  stop: anthropicClose("end_turn"),
  errors: [
    named2("error", { error: { type: "overloaded_error", message: "Overloaded" } }),
    data({ type: "error", error: { type: "api_error", message: "Internal server error" } }),
    data({ error: { message: "gateway" } }),
    data({ detail: "Rate limit exceeded" }),
  ],
}

const item = (stage: "added" | "done", output_index: number, value: object) =>
  named2(`response.output_item.${stage}`, { output_index, item: value })
const response = { id: "resp_1", object: "response", created_at: 1_700_000_000, model: "gpt-5" }
const call = { type: "function_call", id: "fc_1", call_id: "call_1", name: "write" }

const responsesClose = [
  named2("response.completed", {
    response: { ...response, status: "completed", usage: { input_tokens: 9, output_tokens: 5 } },
  }),
]

export const responsesStream: RecordedStream = {
  ...common,
  open: [
    named2("response.created", { response: { ...response, status: "in_progress" } }),
    named2("response.in_progress", { response: { ...response, status: "in_progress" } }),
  ],
  reasoning: [
    item("added", 0, { type: "reasoning", id: "rs_1", summary: [] }),
    named2("response.reasoning_summary_part.added", { item_id: "rs_1", output_index: 0, summary_index: 0 }),
    ...thought.map((delta) =>
      named2("response.reasoning_summary_text.delta", {
        item_id: "rs_1",
        output_index: 0,
        summary_index: 0,
        delta,
      }),
    ),
    named2("response.reasoning_summary_part.done", { item_id: "rs_1", output_index: 0, summary_index: 0 }),
    item("done", 0, { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "ZW5j" }),
  ],
  text: [
    item("added", 1, { type: "message", id: "msg_1", role: "assistant", content: [] }),
    named2("response.content_part.added", { item_id: "msg_1", part: { type: "output_text", text: "" } }),
    ...said.map((delta) => named2("response.output_text.delta", { item_id: "msg_1", delta })),
    named2("response.output_text.done", { item_id: "msg_1", text: said.join("") }),
    item("done", 1, { type: "message", id: "msg_1", role: "assistant", content: [] }),
  ],
  tool: [
    item("added", 2, { ...call, arguments: "" }),
    ...argumentPieces.map((delta) =>
      named2("response.function_call_arguments.delta", { item_id: "fc_1", output_index: 2, delta }),
    ),
    named2("response.function_call_arguments.done", { item_id: "fc_1", output_index: 2, arguments: "…" }),
    item("done", 2, { ...call, arguments: JSON.stringify(toolInput), status: "completed" }),
  ],
  close: responsesClose,
  stop: responsesClose,
  errors: [
    named2("error", { sequence_number: 3, code: "rate_limit_exceeded", message: "Slow down", param: null }),
    data({ type: "error", error: { type: "server_error", code: "server_is_overloaded", message: "Busy" } }),
    data({ type: "error", sequence_number: 3, code: "server_error", message: "Oops" }),
    data({ detail: "Rate limit exceeded" }),
    named2("response.failed", {
      sequence_number: 4,
      response: { ...response, status: "failed", error: { code: "server_error", message: "Sorry" } },
    }),
    named2("response.incomplete", {
      response: { ...response, status: "incomplete", incomplete_details: { reason: "server_shutdown" } },
    }),
  ],
}

const geminiChunk = (parts: readonly object[], finishReason?: string) =>
  data({
    candidates: [{ content: { role: "model", parts }, index: 0, ...(finishReason && { finishReason }) }],
    usageMetadata: { promptTokenCount: 9, totalTokenCount: 14 },
    modelVersion: "gemini-3-pro",
    responseId: "r1",
  }).replaceAll("\n", "\r\n")

export const geminiStream: RecordedStream = {
  ...common,
  open: [geminiChunk([{ text: "" }])],
  reasoning: thought.map((text) => geminiChunk([{ text, thought: true }])),
  text: said.map((text) => geminiChunk([{ text }])),
  tool: [geminiChunk([{ functionCall: { name: "write", args: toolInput }, thoughtSignature: "c2ln" }])],
  close: [geminiChunk([{ text: "" }], "STOP")],
  stop: [geminiChunk([{ text: "" }], "STOP")],
  errors: [
    data({ error: { code: 503, status: "UNAVAILABLE", message: "The model is overloaded." } }),
    data([{ error: { code: 429, status: "RESOURCE_EXHAUSTED", message: "Quota" } }]),
    data({ response: { error: { code: 500, status: "INTERNAL", message: "Internal" } } }),
  ],
}

/** Gemini with `streamFunctionCallArguments`: the call is made by the empty part that ends it. */
const streamedArgument = (name: string, text: string, willContinue: boolean) =>
  geminiChunk([
    {
      functionCall: {
        partialArgs: [{ jsonPath: `$.${name}`, stringValue: text, ...(willContinue && { willContinue }) }],
        willContinue: true,
      },
    },
  ])

export const geminiStreamedArguments: RecordedStream = {
  ...geminiStream,
  tool: [
    geminiChunk([{ functionCall: { name: "write", willContinue: true } }]),
    streamedArgument("path", toolInput.path, false),
    streamedArgument("content", toolInput.content.slice(0, 5), true),
    streamedArgument("content", toolInput.content.slice(5), false),
    geminiChunk([{ functionCall: {} }]),
  ],
}

const cohereContent = (index: number, start: object, deltas: readonly object[]) => [
  named2("content-start", { index, delta: { message: { content: start } } }),
  ...deltas.map((content) => named2("content-delta", { index, delta: { message: { content } } })),
  named2("content-end", { index }),
]
const cohereCall = (type: string, call: object) =>
  named2(`tool-call-${type}`, { index: 0, delta: { message: { tool_calls: call } } })
const cohereEnd = (finish_reason: string) =>
  named2("message-end", {
    delta: { finish_reason, usage: { tokens: { input_tokens: 9, output_tokens: 5 } } },
  })

export const cohereStream: RecordedStream = {
  ...common,
  open: [named2("message-start", { id: "m1", delta: { message: { role: "assistant", content: [] } } })],
  reasoning: cohereContent(
    0,
    { type: "thinking", thinking: "" },
    thought.map((thinking) => ({ thinking })),
  ),
  text: cohereContent(
    1,
    { type: "text", text: "" },
    said.map((text) => ({ text })),
  ),
  tool: [
    named2("tool-plan-delta", { delta: { message: { tool_plan: "I will write." } } }),
    cohereCall("start", { id: "call_1", type: "function", function: { name: "write", arguments: "" } }),
    ...argumentPieces.map((text) => cohereCall("delta", { function: { arguments: text } })),
    named2("tool-call-end", { index: 0 }),
  ],
  close: [cohereEnd("TOOL_CALL")],
  stop: [cohereEnd("COMPLETE")],
  errors: [
    data({ error: { message: "Rate limit reached" } }),
    data({ detail: "Rate limit exceeded" }),
    "data: upstream connect error\n\n",
  ],
}

const gatewayBlock = (kind: "text" | "reasoning", id: string, deltas: readonly string[]) => [
  data({ type: `${kind}-start`, id }),
  ...deltas.map((delta) => data({ type: `${kind}-delta`, id, delta })),
  data({ type: `${kind}-end`, id }),
]
const gatewayFinish = (unified: string) =>
  data({
    type: "finish",
    finishReason: { unified, raw: unified },
    usage: { inputTokens: { total: 9 }, outputTokens: { total: 5 } },
  })

export const gatewayStream: RecordedStream = {
  ...common,
  open: [
    data({ type: "stream-start", warnings: [] }),
    data({ type: "response-metadata", id: "r1", modelId: "m", timestamp: "2026-11-25T20:00:00Z" }),
  ],
  reasoning: gatewayBlock("reasoning", "0", thought),
  text: gatewayBlock("text", "1", said),
  tool: [
    data({ type: "tool-input-start", id: "call_1", toolName: "write" }),
    ...argumentPieces.map((delta) => data({ type: "tool-input-delta", id: "call_1", delta })),
    data({ type: "tool-input-end", id: "call_1" }),
    data({ type: "tool-call", toolCallId: "call_1", toolName: "write", input: JSON.stringify(toolInput) }),
  ],
  close: [gatewayFinish("tool-calls")],
  stop: [gatewayFinish("stop")],
  errors: [
    data({ type: "error", error: { message: "Overloaded", statusCode: 529 } }),
    data({ detail: "Rate limit exceeded" }),
    "data: upstream connect error\n\n",
  ],
}

const aws = (type: string, value: object, kind: "event" | "exception" = "event") =>
  awsMessage({
    headers: { [`:${kind}-type`]: type, ":content-type": "application/json", ":message-type": kind },
    payload: JSON.stringify({ ...value, p: "abcdefghij" }),
  })
const awsBlock = (contentBlockIndex: number, deltas: readonly object[]) => [
  ...deltas.map((delta) => aws("contentBlockDelta", { contentBlockIndex, delta })),
  aws("contentBlockStop", { contentBlockIndex }),
]

const bedrockClose = (stopReason: string) => [
  aws("messageStop", { stopReason }),
  aws("metadata", {
    usage: { inputTokens: 9, outputTokens: 5, totalTokens: 14 },
    metrics: { latencyMs: 4 },
  }),
]

export const bedrockStream: RecordedStream = {
  ...common,
  open: [aws("messageStart", { role: "assistant" })],
  reasoning: awsBlock(0, [
    ...thought.map((text) => ({ reasoningContent: { text } })),
    { reasoningContent: { signature: "c2ln" } },
  ]),
  text: awsBlock(
    1,
    said.map((text) => ({ text })),
  ),
  tool: [
    aws("contentBlockStart", {
      contentBlockIndex: 2,
      start: { toolUse: { toolUseId: "call_1", name: "write" } },
    }),
    ...awsBlock(
      2,
      argumentPieces.map((input) => ({ toolUse: { input } })),
    ),
  ],
  close: bedrockClose("tool_use"),
  stop: bedrockClose("end_turn"),
  errors: [
    aws("throttlingException", { message: "Too many requests, please wait" }, "exception"),
    aws("modelStreamErrorException", { message: "The model had an error" }, "exception"),
    aws("internalServerException", {}, "exception"),
  ],
}

export const stages = ["open", "reasoning", "text", "tool", "close"] as const

export function framesOf(stream: RecordedStream): readonly string[] {
  return stages.flatMap((stage) => stream[stage])
}
