import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { frame, record, records, string, textsOf } from "./json.ts"
import type { Json } from "./json.ts"
import { openaiErrorBody } from "./openai-chat.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

type Open =
  | { readonly kind: "none" }
  | { readonly kind: "message"; readonly itemID: string; text: string }
  | { readonly kind: "reasoning"; readonly itemID: string; text: string }

const NONE: Open = { kind: "none" }

function createEncoder(model: string, id: string): Encoder {
  let sequence = 0
  let begun = false
  let outputIndex = -1
  let open: Open = NONE
  const output: Json[] = []

  const event = (type: string, data: Json): string =>
    frame({ type, sequence_number: sequence++, ...data }, type)
  const response = (more: Json): Json => ({
    id: `resp_${id}`,
    object: "response",
    created_at: 1_763_700_000,
    status: "in_progress",
    error: null,
    incomplete_details: null,
    model,
    output: [],
    usage: null,
    ...more,
  })
  const begin = (): string => {
    if (begun) return ""
    begun = true
    return (
      event("response.created", { response: response({}) }) +
      event("response.in_progress", { response: response({}) })
    )
  }
  const at = (itemID: string, more: Json): Json => ({ item_id: itemID, output_index: outputIndex, ...more })

  const closeMessage = (itemID: string, text: string): string => {
    const part = { type: "output_text", text, annotations: [], logprobs: [] }
    const item = { id: itemID, type: "message", status: "completed", role: "assistant", content: [part] }
    output.push(item)
    return (
      event("response.output_text.done", at(itemID, { content_index: 0, text, logprobs: [] })) +
      event("response.content_part.done", at(itemID, { content_index: 0, part })) +
      event("response.output_item.done", { output_index: outputIndex, item })
    )
  }
  const closeReasoning = (itemID: string, text: string): string => {
    const part = { type: "summary_text", text }
    const item = { id: itemID, type: "reasoning", summary: [part] }
    output.push(item)
    return (
      event("response.reasoning_summary_text.done", at(itemID, { summary_index: 0, text })) +
      event("response.reasoning_summary_part.done", at(itemID, { summary_index: 0, part })) +
      event("response.output_item.done", { output_index: outputIndex, item })
    )
  }
  const close = (): string => {
    const current = open
    open = NONE
    if (current.kind === "message") return closeMessage(current.itemID, current.text)
    if (current.kind === "reasoning") return closeReasoning(current.itemID, current.text)
    return ""
  }
  const openItem = (prefix: string): string => {
    outputIndex += 1
    return `${prefix}_${id}_${outputIndex}`
  }
  const added = (item: Json): string =>
    event("response.output_item.added", { output_index: outputIndex, item })

  const openMessage = (): string => {
    const closed = begin() + close()
    const itemID = openItem("msg")
    open = { kind: "message", itemID, text: "" }
    return (
      closed +
      added({ id: itemID, type: "message", status: "in_progress", role: "assistant", content: [] }) +
      event(
        "response.content_part.added",
        at(itemID, {
          content_index: 0,
          part: { type: "output_text", text: "", annotations: [], logprobs: [] },
        }),
      )
    )
  }
  const openReasoning = (): string => {
    const closed = begin() + close()
    const itemID = openItem("rs")
    open = { kind: "reasoning", itemID, text: "" }
    return (
      closed +
      added({ id: itemID, type: "reasoning", summary: [] }) +
      event(
        "response.reasoning_summary_part.added",
        at(itemID, { summary_index: 0, part: { type: "summary_text", text: "" } }),
      )
    )
  }

  return {
    begin,
    text: (delta) => {
      const opened = open.kind === "message" ? "" : openMessage()
      if (open.kind !== "message") return opened
      open.text += delta
      return (
        opened +
        event("response.output_text.delta", at(open.itemID, { content_index: 0, delta, logprobs: [] }))
      )
    },
    reasoning: (delta) => {
      const opened = open.kind === "reasoning" ? "" : openReasoning()
      if (open.kind !== "reasoning") return opened
      open.text += delta
      return (
        opened + event("response.reasoning_summary_text.delta", at(open.itemID, { summary_index: 0, delta }))
      )
    },
    toolCall: (name, inputText, complete) => {
      const closed = begin() + close()
      const itemID = openItem("fc")
      const item = { id: itemID, type: "function_call", call_id: `call_${id}_${outputIndex}`, name }
      const started =
        closed +
        added({ ...item, status: "in_progress", arguments: "" }) +
        event("response.function_call_arguments.delta", at(itemID, { delta: inputText }))
      if (!complete) return started
      const done = { ...item, status: "completed", arguments: inputText }
      output.push(done)
      return (
        started +
        event("response.function_call_arguments.done", at(itemID, { name, arguments: inputText })) +
        event("response.output_item.done", { output_index: outputIndex, item: done })
      )
    },
    ping: () => ": ping\n\n",
    error: (error: ErrorFrame) => errorFrames(error, event, begin, response),
    finish: (reason: FinishReason, usage: Usage) => {
      const cutShort = reason === "length" || reason === "content-filter"
      const type = cutShort ? "response.incomplete" : "response.completed"
      const details = { reason: reason === "length" ? "max_output_tokens" : "content_filter" }
      return (
        begin() +
        close() +
        event(type, {
          response: response({
            status: cutShort ? "incomplete" : "completed",
            incomplete_details: cutShort ? details : null,
            output,
            usage: {
              input_tokens: usage.inputTokens,
              input_tokens_details: { cached_tokens: 0 },
              output_tokens: usage.outputTokens,
              output_tokens_details: { reasoning_tokens: 0 },
              total_tokens: usage.inputTokens + usage.outputTokens,
            },
          }),
        })
      )
    },
  }
}

/** OpenAI has two: `response.failed` (the usual one) and a bare `error` event (asked for with `type: "error"`). */
function errorFrames(
  error: ErrorFrame,
  event: (type: string, data: Json) => string,
  begin: () => string,
  response: (more: Json) => Json,
): string {
  const code = error.code ?? "server_is_overloaded"
  const message = error.message ?? "Our servers are currently overloaded. Please try again later."
  if (error.json !== undefined) return frame(error.json)
  if (error.type === "error") return event("error", { code, message, param: null })
  return (
    begin() + event("response.failed", { response: response({ status: "failed", error: { code, message } }) })
  )
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

export const openaiResponses: Protocol = {
  name: "responses",
  modelOf: (path, body) => (path.endsWith("/responses") ? string(body["model"]) : undefined),
  encoder: createEncoder,
  errorBody: openaiErrorBody,
  read,
}
