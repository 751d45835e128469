import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { frame, type Json, record, records, string, textsOf } from "./json.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  "tool-calls": "tool_calls",
  length: "length",
  "content-filter": "content_filter",
}

const ERROR_WORDS: Readonly<Record<number, readonly [type: string, code: string | null, message: string]>> = {
  400: ["invalid_request_error", null, "Invalid request."],
  401: [
    "invalid_request_error",
    "invalid_api_key",
    "Incorrect API key provided: sk-sim***. You can find your API key at https://platform.openai.com/account/api-keys.",
  ],
  402: [
    "insufficient_quota",
    "insufficient_quota",
    "You exceeded your current quota, please check your plan and billing details.",
  ],
  403: [
    "invalid_request_error",
    "unsupported_country_region_territory",
    "Country, region, or territory not supported",
  ],
  404: [
    "invalid_request_error",
    "model_not_found",
    "The model does not exist or you do not have access to it.",
  ],
  429: [
    "requests",
    "rate_limit_exceeded",
    // It outlasts any scenario.
    "Rate limit reached for requests per min (RPM): Limit 3, Used 3, Requested 1. Please try again in 7m12s.",
  ],
  500: ["server_error", null, "The server had an error while processing your request. Sorry about that!"],
  503: ["service_unavailable_error", null, "The engine is currently overloaded, please try again later."],
}

/** The body that OpenAI sends with an HTTP error; shared by the responses protocol. */
export function openaiErrorBody(status: number, message: string | undefined): Json {
  const [type, code, usual] = ERROR_WORDS[status] ?? [
    "server_error",
    null,
    `Upstream request failed with status ${status}`,
  ]
  return { error: { message: message ?? usual, type, param: null, code } }
}

class ChatEncoder implements Encoder {
  readonly #model: string
  readonly #id: string
  readonly #isFull: boolean
  #begun = false
  #calls = 0

  constructor(model: string, id: string, isFull: boolean) {
    this.#model = model
    this.#id = id
    this.#isFull = isFull
  }

  begin(): string {
    if (this.#begun) return ""
    this.#begun = true
    return this.#delta({ role: "assistant", content: "" })
  }

  text(content: string): string {
    return this.begin() + this.#delta({ content })
  }

  reasoning(text: string): string {
    return this.begin() + this.#delta({ reasoning_content: text })
  }

  /** The wire does not tell a complete call from an open one: only the finish reason does. */
  toolCall(name: string, inputText: string): string {
    const index = this.#calls++
    const head = {
      index,
      id: `call_${this.#id}_${index}`,
      type: "function",
      function: { name, arguments: "" },
    }
    const input = { index, function: { arguments: inputText } }
    return this.begin() + this.#delta({ tool_calls: [head] }) + this.#delta({ tool_calls: [input] })
  }

  ping(): string {
    return ": ping\n\n"
  }

  error(error: ErrorFrame): string {
    const {
      message = "The server is currently overloaded with other requests. Sorry about that!",
      type = "server_error",
      code = "server_is_overloaded",
    } = error
    return frame(error.json ?? { error: { message, type, param: null, code } })
  }

  finish(reason: FinishReason, { inputTokens, outputTokens }: Usage): string {
    const usage = {
      prompt_tokens: inputTokens,
      completion_tokens: outputTokens,
      total_tokens: inputTokens + outputTokens,
    }
    const word = FINISH_WORDS[reason]
    const end = this.#isFull
      ? this.#delta({}, word, { usage })
      : this.#delta({}, word) + this.#chunk([], { usage })
    return this.begin() + end + frame("[DONE]")
  }

  #delta(content: Json, finishReason: string | null = null, more: Json = {}): string {
    const delta = this.#isFull ? { role: "assistant", content: "", ...content } : content
    return this.#chunk([{ index: 0, delta, logprobs: null, finish_reason: finishReason }], more)
  }

  #chunk(choices: readonly Json[], more: Json = {}): string {
    return frame({
      id: `chatcmpl-${this.#id}`,
      object: "chat.completion.chunk",
      created: 1_763_700_000,
      model: this.#model,
      choices,
      ...more,
    })
  }
}

function turnOf(message: Json): ConversationTurn {
  const toolResult = message["role"] === "tool"
  const parts = records(message["content"])
  return {
    role: message["role"] === "assistant" ? "assistant" : "user",
    texts: toolResult ? [] : textsOf(message["content"]),
    attachments: parts.filter((part) => part["type"] === "image_url" || part["type"] === "file").length,
    toolCalls: records(message["tool_calls"]).map((entry) => ({
      callID: string(entry["id"]),
      name: string(record(entry["function"])["name"]),
    })),
    toolResults: toolResult
      ? [{ callID: string(message["tool_call_id"]), text: textsOf(message["content"]).join("") }]
      : [],
  }
}

const isSystem = (message: Json): boolean => message["role"] === "system" || message["role"] === "developer"

function read(body: Json): Conversation {
  const messages = records(body["messages"])
  return {
    system: messages
      .filter(isSystem)
      .flatMap((message) => textsOf(message["content"]))
      .join("\n"),
    turns: messages.filter((message) => !isSystem(message)).map(turnOf),
    tools: records(body["tools"]).map((tool) => string(record(tool["function"])["name"])),
  }
}

export const openaiChat: Protocol = {
  name: "chat",
  modelOf: (path, body) => (path.endsWith("/chat/completions") ? string(body["model"]) : undefined),
  encoder: (model, id) => new ChatEncoder(model, id, false),
  errorBody: openaiErrorBody,
  read,
}

/** As Perplexity and Mistral send it, whose packages insist on every field: a whole delta in each chunk. */
export const fullChat: Protocol = {
  ...openaiChat,
  modelOf: (path, body) => (path.endsWith("/full/chat/completions") ? string(body["model"]) : undefined),
  encoder: (model, id) => new ChatEncoder(model, id, true),
}
