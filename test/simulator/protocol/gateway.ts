import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { Blocks } from "./blocks.ts"
import { frame, type Json, record, records, string, textsOf } from "./json.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

/** Vercel's AI Gateway sends the AI SDK's own stream parts. */
class GatewayEncoder implements Encoder {
  readonly #id: string
  readonly #blocks: Blocks<"text" | "reasoning"> = new Blocks({
    begin: () => {
      const metadata = { type: "response-metadata", id: this.#id, timestamp: "2026-11-25T20:00:00.000Z" }
      return frame({ type: "stream-start", warnings: [] }) + frame(metadata)
    },
    end: (block) => this.#block(block, "end"),
  })
  #calls = 0

  constructor(id: string) {
    this.#id = id
  }

  begin(): string {
    return this.#blocks.begin()
  }

  text(delta: string): string {
    return this.#said("text", delta)
  }

  reasoning(delta: string): string {
    return this.#said("reasoning", delta)
  }

  toolCall(toolName: string, input: string, complete: boolean): string {
    const id = `call_${this.#id}_${this.#calls++}`
    const whole =
      frame({ type: "tool-input-end", id }) + frame({ type: "tool-call", toolCallId: id, toolName, input })
    return (
      this.begin() +
      this.#blocks.close() +
      frame({ type: "tool-input-start", id, toolName }) +
      frame({ type: "tool-input-delta", id, delta: input }) +
      (complete ? whole : "")
    )
  }

  ping(): string {
    return ": ping\n\n"
  }

  error(error: ErrorFrame): string {
    const { type = "internal_server_error", message = "Overloaded" } = error
    return this.begin() + frame(error.json ?? { type: "error", error: { type, message } })
  }

  finish(unified: FinishReason, { inputTokens, outputTokens }: Usage): string {
    const usage = { inputTokens: { total: inputTokens }, outputTokens: { total: outputTokens } }
    const end = { type: "finish", finishReason: { unified, raw: unified }, usage }
    return this.begin() + this.#blocks.close() + frame(end) + frame("[DONE]")
  }

  #said(block: "text" | "reasoning", delta: string): string {
    const opened = this.#blocks.ensure(block, () => this.#block(block, "start"))
    return opened + this.#block(block, "delta", { delta })
  }

  #block(block: string, what: "start" | "delta" | "end", more: Json = {}): string {
    return frame({ type: `${block}-${what}`, id: String(this.#blocks.index), ...more })
  }
}

function turnOf(message: Json): ConversationTurn {
  const parts = records(message["content"])
  const ofType = (type: string): readonly Json[] => parts.filter((part) => part["type"] === type)
  return {
    role: message["role"] === "assistant" ? "assistant" : "user",
    texts: textsOf(ofType("text")),
    attachments: ofType("file").length,
    toolCalls: ofType("tool-call").map((part) => ({
      callID: string(part["toolCallId"]),
      name: string(part["toolName"]),
    })),
    toolResults: ofType("tool-result").map((part) => ({
      callID: string(part["toolCallId"]),
      text: string(record(part["output"])["value"]),
    })),
  }
}

const isSystem = (message: Json): boolean => message["role"] === "system"

const read = (body: Json): Conversation => ({
  system: records(body["prompt"])
    .filter(isSystem)
    .map((message) => string(message["content"]))
    .join("\n"),
  turns: records(body["prompt"])
    .filter((message) => !isSystem(message))
    .map(turnOf),
  tools: records(body["tools"]).map((tool) => string(tool["name"])),
})

export const gateway: Protocol = {
  name: "gateway",
  modelOf: (path, _body, headers) =>
    path.endsWith("/language-model") ? string(headers["ai-language-model-id"]) : undefined,
  encoder: (_model, id) => new GatewayEncoder(id),
  errorBody: (status, message) => ({
    error: { message: message ?? `Upstream request failed with status ${status}`, type: wordFor(status) },
  }),
  read,
}

function wordFor(status: number): string {
  if (status === 429) return "rate_limit_exceeded"
  return status >= 500 ? "internal_server_error" : "invalid_request_error"
}
