import { awsMessage } from "../../../src/transport/wire/aws-event-message.ts"
import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { Blocks } from "./blocks.ts"
import { type Json, record, records, string, textsOf } from "./json.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  "tool-calls": "tool_use",
  length: "max_tokens",
  "content-filter": "content_filtered",
}

const ERROR_WORDS: Readonly<Record<number, string>> = {
  400: "The provided request is not valid",
  403: "The security token included in the request is invalid.",
  404: "Could not resolve the foundation model from the provided model identifier.",
  429: "Too many requests, please wait before trying again.",
  500: "The system encountered an unexpected error during processing. Try your request again.",
  503: "Bedrock is unable to process your request.",
}

/** A message of the binary event stream, one character for each byte. */
const message = (kind: "event" | "exception", type: string, value: Json): string =>
  awsMessage({
    headers: { [`:${kind}-type`]: type, ":content-type": "application/json", ":message-type": kind },
    // Bedrock pads every event, so that its length tells nothing of the text.
    payload: JSON.stringify({ ...value, p: "abcdefghijklm" }),
  })

class BedrockEncoder implements Encoder {
  readonly #id: string
  readonly #blocks: Blocks<"text" | "reasoning"> = new Blocks({
    begin: () => message("event", "messageStart", { role: "assistant" }),
    end: (block) => {
      const signature = { reasoningContent: { signature: "c2lnbmF0dXJl" } }
      return (block === "reasoning" ? this.#delta(signature) : "") + this.#stop()
    },
  })

  constructor(id: string) {
    this.#id = id
  }

  begin(): string {
    return this.#blocks.begin()
  }

  text(text: string): string {
    return this.#said("text", { text })
  }

  reasoning(text: string): string {
    return this.#said("reasoning", { reasoningContent: { text } })
  }

  toolCall(name: string, inputText: string, complete: boolean): string {
    const closed = this.begin() + this.#blocks.close()
    this.#blocks.index += 1
    const { index } = this.#blocks
    const toolUse = { toolUseId: `tooluse_${this.#id}_${index}`, name }
    const started = message("event", "contentBlockStart", {
      contentBlockIndex: index,
      start: { toolUse },
    })
    const input = this.#delta({ toolUse: { input: inputText } })
    return closed + started + input + (complete ? this.#stop() : "")
  }

  /** Bedrock has none; an event that nobody knows is passed over. */
  ping(): string {
    return message("event", "ping", {})
  }

  error(error: ErrorFrame): string {
    const text = error.message ?? "Bedrock is unable to process your request."
    return message("exception", error.type ?? "serviceUnavailableException", { message: text })
  }

  finish(reason: FinishReason, { inputTokens, outputTokens }: Usage): string {
    const usage = { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens }
    return (
      this.begin() +
      this.#blocks.close() +
      message("event", "messageStop", { stopReason: FINISH_WORDS[reason] }) +
      message("event", "metadata", { usage, metrics: { latencyMs: 1 } })
    )
  }

  #delta(delta: Json): string {
    return message("event", "contentBlockDelta", { contentBlockIndex: this.#blocks.index, delta })
  }

  /** Bedrock announces only the blocks of tools. */
  #said(block: "text" | "reasoning", delta: Json): string {
    return this.#blocks.ensure(block, () => "") + this.#delta(delta)
  }

  #stop(): string {
    return message("event", "contentBlockStop", { contentBlockIndex: this.#blocks.index })
  }
}

function turnOf(entry: Json): ConversationTurn {
  const parts = records(entry["content"])
  const results = parts.filter((part) => "toolResult" in part).map((part) => record(part["toolResult"]))
  return {
    role: entry["role"] === "assistant" ? "assistant" : "user",
    texts: textsOf(parts),
    attachments: parts.filter((part) => "image" in part || "document" in part).length,
    toolCalls: parts
      .filter((part) => "toolUse" in part)
      .map((part) => record(part["toolUse"]))
      .map((use) => ({ callID: string(use["toolUseId"]), name: string(use["name"]) })),
    toolResults: results.map((result) => ({
      callID: string(result["toolUseId"]),
      text: textsOf(result["content"]).join(""),
    })),
  }
}

const read = (body: Json): Conversation => ({
  system: textsOf(body["system"]).join("\n"),
  turns: records(body["messages"]).map(turnOf),
  tools: records(record(body["toolConfig"])["tools"]).map((tool) => string(record(tool["toolSpec"])["name"])),
})

const PATH = /\/model\/([^/]+)\/converse-stream$/

export const bedrock: Protocol = {
  name: "bedrock",
  contentType: "application/vnd.amazon.eventstream",
  charset: "latin1",
  modelOf: (path) => {
    const model = PATH.exec(path)?.[1]
    return model === undefined ? undefined : decodeURIComponent(model)
  },
  encoder: (_model, id) => new BedrockEncoder(id),
  errorBody: (status, told) => ({
    message: told ?? ERROR_WORDS[status] ?? `Upstream request failed with status ${status}`,
  }),
  read,
}
