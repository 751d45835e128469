import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { frame, records, string, textsOf } from "./json.ts"
import type { Json } from "./json.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  "tool-calls": "tool_use",
  length: "max_tokens",
  "content-filter": "refusal",
}

/** https://docs.anthropic.com/en/api/errors: one type per status; 529 is Anthropic's own. */
const ERROR_WORDS: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "messages: at least one message is required"],
  401: ["authentication_error", "invalid x-api-key"],
  402: ["billing_error", "Your account has insufficient credits."],
  403: ["permission_error", "Your API key does not have permission to use the specified resource."],
  404: ["not_found_error", "model: claude-sim"],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: [
    "rate_limit_error",
    "This request would exceed your organization's rate limit of 50 requests per minute.",
  ],
  500: ["api_error", "Internal server error"],
  529: ["overloaded_error", "Overloaded"],
}

const DEFAULT_OPEN = {
  input_tokens: 1,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 1,
}

type Block = "none" | "text" | "thinking" | "tool_use"

function createEncoder(model: string, id: string): Encoder {
  let begun = false
  let index = -1
  let open: Block = "none"

  const event = (data: Json): string => frame(data, string(data["type"]))
  const begin = (): string => {
    if (begun) return ""
    begun = true
    return event({
      type: "message_start",
      message: {
        id: `msg_${id}`,
        type: "message",
        role: "assistant",
        model,
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: DEFAULT_OPEN,
      },
    })
  }
  const close = (): string => {
    if (open === "none") return ""
    const signature =
      open === "thinking"
        ? event({
            type: "content_block_delta",
            index,
            delta: { type: "signature_delta", signature: "c2lnbmF0dXJl" },
          })
        : ""
    open = "none"
    return signature + event({ type: "content_block_stop", index })
  }
  const ensure = (block: Block, contentBlock: Json): string => {
    if (open === block && block !== "tool_use") return ""
    const closed = begin() + close()
    open = block
    index += 1
    return closed + event({ type: "content_block_start", index, content_block: contentBlock })
  }
  const delta = (value: Json): string => event({ type: "content_block_delta", index, delta: value })

  return {
    begin,
    text: (text) => ensure("text", { type: "text", text: "" }) + delta({ type: "text_delta", text }),
    reasoning: (thinking) =>
      ensure("thinking", { type: "thinking", thinking: "", signature: "" }) +
      delta({ type: "thinking_delta", thinking }),
    toolCall: (name, inputText, complete) =>
      ensure("tool_use", { type: "tool_use", id: `toolu_${id}_${index + 1}`, name, input: {} }) +
      delta({ type: "input_json_delta", partial_json: inputText }) +
      (complete ? close() : ""),
    ping: () => event({ type: "ping" }),
    error: (error: ErrorFrame) =>
      event({
        type: "error",
        ...(error.json === undefined
          ? {
              error: {
                type: error.type ?? "overloaded_error",
                message: error.message ?? "Overloaded",
                details: null,
              },
            }
          : (error.json as Json)),
      }),
    finish: (reason: FinishReason, usage: Usage) =>
      begin() +
      close() +
      event({
        type: "message_delta",
        delta: { stop_reason: FINISH_WORDS[reason], stop_sequence: null },
        usage: { ...DEFAULT_OPEN, input_tokens: usage.inputTokens, output_tokens: usage.outputTokens },
      }) +
      event({ type: "message_stop" }),
  }
}

function turnOf(message: Json): ConversationTurn {
  const content = message["content"]
  const parts = records(content)
  const results = parts.filter((part) => part["type"] === "tool_result")
  const isAttachment = (part: Json): boolean => part["type"] === "image" || part["type"] === "document"
  return {
    role: message["role"] === "assistant" ? "assistant" : "user",
    texts: typeof content === "string" ? [content] : textsOf(parts.filter((part) => part["type"] === "text")),
    attachments:
      parts.filter(isAttachment).length +
      results.flatMap((part) => records(part["content"])).filter(isAttachment).length,
    toolCalls: parts
      .filter((part) => part["type"] === "tool_use")
      .map((part) => ({ callID: string(part["id"]), name: string(part["name"]) })),
    toolResults: results.map((part) => ({
      callID: string(part["tool_use_id"]),
      text: textsOf(part["content"]).join(""),
    })),
  }
}

const read = (body: Json): Conversation => ({
  system: textsOf(body["system"]).join("\n"),
  turns: records(body["messages"]).map(turnOf),
  tools: records(body["tools"]).map((tool) => string(tool["name"])),
})

/** Vertex names the model in the path; Anthropic itself in the body. */
const VERTEX_PATH = /\/publishers\/anthropic\/models\/([^/:]+):(?:streamRawPredict|rawPredict)$/

export const anthropic: Protocol = {
  name: "anthropic",
  modelOf: (path, body) => {
    const vertex = VERTEX_PATH.exec(path)?.[1]
    if (vertex !== undefined) return decodeURIComponent(vertex)
    return path.endsWith("/messages") ? string(body["model"]) : undefined
  },
  encoder: createEncoder,
  errorBody: (status, message) => {
    const [type, usual] = ERROR_WORDS[status] ?? [
      "api_error",
      `Upstream request failed with status ${status}`,
    ]
    return { type: "error", error: { type, message: message ?? usual }, request_id: "req_011CSimulated" }
  },
  read,
}
