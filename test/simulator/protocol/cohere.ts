import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { Blocks } from "./blocks.ts"
import { frame, type Json, record, records, string, textsOf } from "./json.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "COMPLETE",
  "tool-calls": "TOOL_CALL",
  length: "MAX_TOKENS",
  "content-filter": "ERROR_TOXIC",
}

class CohereEncoder implements Encoder {
  readonly #id: string
  readonly #blocks: Blocks<"text" | "thinking"> = new Blocks({
    begin: () =>
      event("message-start", { id: this.#id, delta: { message: { role: "assistant", content: [] } } }),
    end: () => event("content-end", { index: this.#blocks.index }),
  })
  #calls = 0

  constructor(id: string) {
    this.#id = id
  }

  begin(): string {
    return this.#blocks.begin()
  }

  text(text: string): string {
    const opened = this.#ensure("text", { type: "text", text: "" })
    return opened + this.#content("content-delta", { text })
  }

  reasoning(thinking: string): string {
    const opened = this.#ensure("thinking", { type: "thinking", thinking: "" })
    return opened + this.#content("content-delta", { thinking })
  }

  toolCall(name: string, inputText: string, complete: boolean): string {
    const index = this.#calls++
    const call = (type: string, value: Json): string =>
      event(`tool-call-${type}`, { index, delta: { message: { tool_calls: value } } })
    const head = { id: `${name}_${this.#id}_${index}`, type: "function", function: { name, arguments: "" } }
    return (
      this.begin() +
      this.#blocks.close() +
      call("start", head) +
      call("delta", { function: { arguments: inputText } }) +
      (complete ? event("tool-call-end", { index }) : "")
    )
  }

  ping(): string {
    return ": ping\n\n"
  }

  /** The service has no error frame: it ends the answer with a reason. */
  error(error: ErrorFrame): string {
    return error.json === undefined
      ? this.begin() + this.#end("ERROR", { inputTokens: 0, outputTokens: 0 })
      : frame(error.json)
  }

  finish(reason: FinishReason, usage: Usage): string {
    return this.begin() + this.#blocks.close() + this.#end(FINISH_WORDS[reason], usage)
  }

  #end(reason: string, { inputTokens, outputTokens }: Usage): string {
    const tokens = { input_tokens: inputTokens, output_tokens: outputTokens }
    return event("message-end", { delta: { finish_reason: reason, usage: { billed_units: tokens, tokens } } })
  }

  #content(type: string, content: Json): string {
    return event(type, { index: this.#blocks.index, delta: { message: { content } } })
  }

  #ensure(block: "text" | "thinking", content: Json): string {
    return this.#blocks.ensure(block, () => this.#content("content-start", content))
  }
}

const event = (type: string, data: Json): string => frame({ type, ...data }, type)

function turnOf(message: Json): ConversationTurn {
  const isResult = message["role"] === "tool"
  const texts = textsOf(message["content"])
  return {
    role: message["role"] === "assistant" ? "assistant" : "user",
    texts: isResult ? [] : texts,
    attachments: records(message["content"]).filter((part) => part["type"] === "image_url").length,
    toolCalls: records(message["tool_calls"]).map((call) => ({
      callID: string(call["id"]),
      name: string(record(call["function"])["name"]),
    })),
    toolResults: isResult ? [{ callID: string(message["tool_call_id"]), text: texts.join("") }] : [],
  }
}

const isSystem = (message: Json): boolean => message["role"] === "system"

const read = (body: Json): Conversation => ({
  system: records(body["messages"])
    .filter(isSystem)
    .flatMap((message) => textsOf(message["content"]))
    .join("\n"),
  turns: records(body["messages"])
    .filter((message) => !isSystem(message))
    .map(turnOf),
  tools: records(body["tools"]).map((tool) => string(record(tool["function"])["name"])),
})

export const cohere: Protocol = {
  name: "cohere",
  modelOf: (path, body) => (path.endsWith("/v2/chat") ? string(body["model"]) : undefined),
  encoder: (_model, id) => new CohereEncoder(id),
  errorBody: (status, message) => ({
    id: "sim",
    message: message ?? `Upstream request failed with status ${status}`,
  }),
  read,
}
