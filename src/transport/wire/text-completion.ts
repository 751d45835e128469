import { nothingSaid } from "./openai-chat.ts"
import { sseFrame } from "./wire-steps.ts"
import type { WireProtocol } from "./wire-types.ts"

type Frames = (model: string, text: string) => string

const id = "understudy"

/** A whole answer that says `text` and stops, in each protocol, with no tokens used. */
const completions: Readonly<Record<WireProtocol["name"], Frames>> = {
  "openai-chat": (model, text) => {
    const base = { id, object: "chat.completion.chunk", created: 0, model }
    const delta = { role: "assistant", content: text }
    const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }
    return [
      sseFrame({ ...base, choices: [{ index: 0, delta, finish_reason: null }] }),
      sseFrame({ ...base, choices: [{ index: 0, delta: nothingSaid, finish_reason: "stop" }], usage }),
      "data: [DONE]\n\n",
    ].join("")
  },
  "openai-responses": (model, text) => {
    const usage = {
      input_tokens: 0,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 0,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 0,
    }
    const response = { id, object: "response", created_at: 0, model, error: null, incomplete_details: null }
    const item = { type: "message", id, role: "assistant", status: "in_progress", content: [] }
    const content = [{ type: "output_text", text, annotations: [] }]
    const place = { item_id: id, output_index: 0, content_index: 0 }
    return [
      typed({
        type: "response.created",
        response: { ...response, status: "in_progress", output: [], usage: null },
      }),
      typed({ type: "response.output_item.added", output_index: 0, item }),
      typed({ type: "response.output_text.delta", ...place, delta: text }),
      typed({
        type: "response.output_item.done",
        output_index: 0,
        item: { ...item, status: "completed", content },
      }),
      typed({
        type: "response.completed",
        response: { ...response, status: "completed", output: [], usage },
      }),
    ].join("")
  },
  "anthropic-messages": (model, text) => {
    const usage = { input_tokens: 0, output_tokens: 0 }
    const message = { id, type: "message", role: "assistant", model, content: [] }
    return [
      typed({
        type: "message_start",
        message: { ...message, stop_reason: null, stop_sequence: null, usage },
      }),
      typed({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      typed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
      typed({ type: "content_block_stop", index: 0 }),
      typed({ type: "message_delta", delta: { stop_reason: "end_turn", stop_sequence: null }, usage }),
      typed({ type: "message_stop" }),
    ].join("")
  },
  gemini: (_model, text) => {
    const usageMetadata = { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 }
    const content = { role: "model", parts: [{ text }] }
    return sseFrame({ candidates: [{ content, finishReason: "STOP", index: 0 }], usageMetadata })
  },
}

/**
 * An answer that we give ourselves in the place of a model.
 *
 * @returns status 200, `text/event-stream`
 */
export function textCompletion(protocol: WireProtocol, model: string, text: string): Response {
  return new Response(completions[protocol.name](model, text), {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  })
}

function typed(value: Readonly<Record<string, unknown>> & { readonly type: string }): string {
  return sseFrame(value, value.type)
}
