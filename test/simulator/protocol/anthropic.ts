import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { Blocks } from "./blocks.ts"
import { frame, type Json, records, string, textsOf } from "./json.ts"
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

const OPENING_USAGE = {
  input_tokens: 1,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 1,
}

type Block = "text" | "thinking" | "tool_use"

class AnthropicEncoder implements Encoder {
  readonly #model: string
  readonly #id: string
  readonly #blocks: Blocks<Block> = new Blocks({
    begin: () => this.#start(),
    end: (block) => {
      const signature = { type: "signature_delta", signature: "c2lnbmF0dXJl" }
      const signed = block === "thinking" ? this.#delta(signature) : ""
      return signed + event({ type: "content_block_stop", index: this.#blocks.index })
    },
  })

  constructor(model: string, id: string) {
    this.#model = model
    this.#id = id
  }

  begin(): string {
    return this.#blocks.begin()
  }

  #start(): string {
    const message = {
      id: `msg_${this.#id}`,
      type: "message",
      role: "assistant",
      model: this.#model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: OPENING_USAGE,
    }
    return event({ type: "message_start", message })
  }

  text(text: string): string {
    return this.#ensure("text", { type: "text", text: "" }) + this.#delta({ type: "text_delta", text })
  }

  reasoning(thinking: string): string {
    const opened = this.#ensure("thinking", { type: "thinking", thinking: "", signature: "" })
    return opened + this.#delta({ type: "thinking_delta", thinking })
  }

  toolCall(name: string, inputText: string, complete: boolean): string {
    const id = `toolu_${this.#id}_${this.#blocks.index + 1}`
    const opened = this.#ensure("tool_use", { type: "tool_use", id, name, input: {} })
    const input = this.#delta({ type: "input_json_delta", partial_json: inputText })
    return opened + input + (complete ? this.#blocks.close() : "")
  }

  ping(): string {
    return event({ type: "ping" })
  }

  error(error: ErrorFrame): string {
    if (error.json !== undefined) return frame(error.json, "error")
    const { type = "overloaded_error", message = "Overloaded" } = error
    return event({ type: "error", error: { type, message, details: null } })
  }

  finish(reason: FinishReason, usage: Usage): string {
    const closed = this.begin() + this.#blocks.close()
    const counts = { ...OPENING_USAGE, input_tokens: usage.inputTokens, output_tokens: usage.outputTokens }
    const delta = { stop_reason: FINISH_WORDS[reason], stop_sequence: null }
    return closed + event({ type: "message_delta", delta, usage: counts }) + event({ type: "message_stop" })
  }

  #delta(delta: Json): string {
    return event({ type: "content_block_delta", index: this.#blocks.index, delta })
  }

  /** Opens a block of the kind unless one is open; every tool call has a block of its own. */
  #ensure(block: Block, content_block: Json): string {
    const start = (): string =>
      event({ type: "content_block_start", index: this.#blocks.index, content_block })
    return block === "tool_use" ? this.#blocks.open(block, start) : this.#blocks.ensure(block, start)
  }
}

/** Anthropic names each event after its type. */
const event = (data: Json): string => frame(data, string(data["type"]))

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
  encoder: (model, id) => new AnthropicEncoder(model, id),
  errorBody: (status, message) => {
    const [type, usual] = ERROR_WORDS[status] ?? [
      "api_error",
      `Upstream request failed with status ${status}`,
    ]
    return { type: "error", error: { type, message: message ?? usual }, request_id: "req_011CSimulated" }
  },
  read,
}
