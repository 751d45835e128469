import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { frame, type Json, record, records, string, textsOf } from "./json.ts"
import { openaiErrorBody } from "./openai-chat.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

type Open =
  | { readonly kind: "none" }
  | { readonly kind: "message"; readonly itemID: string; text: string }
  | { readonly kind: "reasoning"; readonly itemID: string; text: string }

const NONE: Open = { kind: "none" }

class ResponsesEncoder implements Encoder {
  readonly #model: string
  readonly #id: string
  readonly #seal: string
  readonly #output: Json[] = []
  #sequence = 0
  #begun = false
  #outputIndex = -1
  #open: Open = NONE

  constructor(model: string, id: string, seal: string) {
    this.#model = model
    this.#id = id
    this.#seal = seal
  }

  begin(): string {
    if (this.#begun) return ""
    this.#begun = true
    const response = this.#response({})
    return this.#event("response.created", { response }) + this.#event("response.in_progress", { response })
  }

  text(delta: string): string {
    const opened = this.#open.kind === "message" ? "" : this.#openMessage()
    if (this.#open.kind !== "message") return opened
    this.#open.text += delta
    const data = this.#at(this.#open.itemID, { content_index: 0, delta, logprobs: [] })
    return opened + this.#event("response.output_text.delta", data)
  }

  reasoning(delta: string): string {
    const opened = this.#open.kind === "reasoning" ? "" : this.#openReasoning()
    if (this.#open.kind !== "reasoning") return opened
    this.#open.text += delta
    const data = this.#at(this.#open.itemID, { summary_index: 0, delta })
    return opened + this.#event("response.reasoning_summary_text.delta", data)
  }

  toolCall(name: string, inputText: string, complete: boolean): string {
    const closed = this.begin() + this.#close()
    const itemID = this.#nextItem("fc")
    const item = { id: itemID, type: "function_call", call_id: `call_${this.#id}_${this.#outputIndex}`, name }
    const started =
      closed +
      this.#added({ ...item, status: "in_progress", arguments: "" }) +
      this.#event("response.function_call_arguments.delta", this.#at(itemID, { delta: inputText }))
    if (!complete) return started
    const done = this.#at(itemID, { name, arguments: inputText })
    return (
      started +
      this.#event("response.function_call_arguments.done", done) +
      this.#done({ ...item, status: "completed", arguments: inputText })
    )
  }

  ping(): string {
    return ": ping\n\n"
  }

  /** OpenAI has two: `response.failed` (the usual one) and a bare `error` event (asked for with `type: "error"`). */
  error(error: ErrorFrame): string {
    const code = error.code ?? "server_is_overloaded"
    const message = error.message ?? "Our servers are currently overloaded. Please try again later."
    if (error.json !== undefined) return frame(error.json)
    if (error.type === "error") return this.#event("error", { code, message, param: null })
    const response = this.#response({ status: "failed", error: { code, message } })
    return this.begin() + this.#event("response.failed", { response })
  }

  finish(reason: FinishReason, usage: Usage): string {
    const cutShort = reason === "length" || reason === "content-filter"
    const details = { reason: reason === "length" ? "max_output_tokens" : "content_filter" }
    const closed = this.begin() + this.#close()
    const response = this.#response({
      status: cutShort ? "incomplete" : "completed",
      incomplete_details: cutShort ? details : null,
      output: this.#output,
      usage: {
        input_tokens: usage.inputTokens,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: usage.outputTokens,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: usage.inputTokens + usage.outputTokens,
      },
    })
    return closed + this.#event(cutShort ? "response.incomplete" : "response.completed", { response })
  }

  #event(type: string, data: Json): string {
    return frame({ type, sequence_number: this.#sequence++, ...data }, type)
  }

  #response(more: Json): Json {
    return {
      id: `resp_${this.#id}`,
      object: "response",
      created_at: 1_763_700_000,
      status: "in_progress",
      error: null,
      incomplete_details: null,
      model: this.#model,
      output: [],
      usage: null,
      ...more,
    }
  }

  #nextItem(prefix: string): string {
    this.#outputIndex += 1
    return `${prefix}_${this.#id}_${this.#outputIndex}`
  }

  #at(itemID: string, more: Json): Json {
    return { item_id: itemID, output_index: this.#outputIndex, ...more }
  }

  #added(item: Json): string {
    return this.#event("response.output_item.added", { output_index: this.#outputIndex, item })
  }

  #done(item: Json): string {
    this.#output.push(item)
    return this.#event("response.output_item.done", { output_index: this.#outputIndex, item })
  }

  #openMessage(): string {
    const closed = this.begin() + this.#close()
    const itemID = this.#nextItem("msg")
    this.#open = { kind: "message", itemID, text: "" }
    const part = { type: "output_text", text: "", annotations: [], logprobs: [] }
    return (
      closed +
      this.#added({ id: itemID, type: "message", status: "in_progress", role: "assistant", content: [] }) +
      this.#event("response.content_part.added", this.#at(itemID, { content_index: 0, part }))
    )
  }

  #openReasoning(): string {
    const closed = this.begin() + this.#close()
    const itemID = this.#nextItem("rs")
    this.#open = { kind: "reasoning", itemID, text: "" }
    const part = { type: "summary_text", text: "" }
    return (
      closed +
      this.#added({ id: itemID, type: "reasoning", summary: [], encrypted_content: this.#seal }) +
      this.#event("response.reasoning_summary_part.added", this.#at(itemID, { summary_index: 0, part }))
    )
  }

  #close(): string {
    const open = this.#open
    this.#open = NONE
    if (open.kind === "message") return this.#closeMessage(open.itemID, open.text)
    if (open.kind === "reasoning") return this.#closeReasoning(open.itemID, open.text)
    return ""
  }

  #closeMessage(itemID: string, text: string): string {
    const part = { type: "output_text", text, annotations: [], logprobs: [] }
    return (
      this.#event("response.output_text.done", this.#at(itemID, { content_index: 0, text, logprobs: [] })) +
      this.#event("response.content_part.done", this.#at(itemID, { content_index: 0, part })) +
      this.#done({ id: itemID, type: "message", status: "completed", role: "assistant", content: [part] })
    )
  }

  #closeReasoning(itemID: string, text: string): string {
    const part = { type: "summary_text", text }
    return (
      this.#event("response.reasoning_summary_text.done", this.#at(itemID, { summary_index: 0, text })) +
      this.#event("response.reasoning_summary_part.done", this.#at(itemID, { summary_index: 0, part })) +
      this.#done({ id: itemID, type: "reasoning", summary: [part], encrypted_content: this.#seal })
    )
  }
}

const NO_TURN = { texts: [], attachments: 0, toolCalls: [], toolResults: [] } as const

function turnOf(item: Json): ConversationTurn {
  if (item["type"] === "function_call") {
    const call = { callID: string(item["call_id"]), name: string(item["name"]) }
    return { ...NO_TURN, role: "assistant", toolCalls: [call] }
  }
  if (item["type"] === "function_call_output") {
    const result = { callID: string(item["call_id"]), text: textsOf(item["output"]).join("") }
    return { ...NO_TURN, role: "user", attachments: attachmentsIn(item["output"]), toolResults: [result] }
  }
  return {
    ...NO_TURN,
    role: item["role"] === "assistant" ? "assistant" : "user",
    texts: item["type"] === "reasoning" ? [] : textsOf(item["content"]),
    attachments: attachmentsIn(item["content"]),
  }
}

const attachmentsIn = (content: unknown): number =>
  records(content).filter((part) => part["type"] === "input_image" || part["type"] === "input_file").length

const isSystem = (item: Json): boolean => item["role"] === "system" || item["role"] === "developer"

function read(body: Json): Conversation {
  const items = records(body["input"])
  const system = items.filter(isSystem).flatMap((item) => textsOf(item["content"]))
  return {
    system: [string(body["instructions"]), ...system].join("\n"),
    turns: items.filter((item) => !isSystem(item)).map(turnOf),
    tools: records(body["tools"]).map((tool) => string(tool["name"] ?? record(tool["function"])["name"])),
  }
}

/** What it has encrypted OpenAI reads for the account alone that it was given to. */
function refusal(_model: string, body: Json, seal: string): Json | undefined {
  const sealed = records(body["input"]).map((item) => string(item["encrypted_content"]))
  if (sealed.every((one) => one === "" || one === seal)) return undefined
  const message = `The encrypted content ${seal.slice(0, 4)}... could not be verified.`
  return { error: { message, type: "invalid_request_error", param: null, code: "invalid_encrypted_content" } }
}

export const openaiResponses: Protocol = {
  name: "responses",
  modelOf: (path, body) => (path.endsWith("/responses") ? string(body["model"]) : undefined),
  encoder: (model, id, seal) => new ResponsesEncoder(model, id, seal),
  errorBody: openaiErrorBody,
  refusal,
  read,
}
