import { asObject, type JsonObject } from "../../core/json-object.ts"
import { alikeUpTo } from "./alike-frames.ts"
import { stoppingStep } from "./closing.ts"
import { type Frame, isFilled } from "./frame-reader.ts"
import { sseFraming } from "./sse-frames.ts"
import {
  asksForStream,
  failed,
  forwardContent,
  forwardSign,
  furthest,
  readData,
  typedFrame,
  unreadEvent,
} from "./wire-steps.ts"
import type { Alike, Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** OpenAI's responses, also as Azure, Codex, Copilot and xAI speak them. */
export const openaiResponses: WireProtocol = {
  name: "openai-responses",
  matches: (request) => request.url.pathname.endsWith("/responses") && asksForStream(request, "input"),
  framing: sseFraming,
  open: (model) => new ResponsesReader(model),
  answer: (model, text) => {
    const place = { item_id: message.id, output_index: 0, content_index: 0 }
    const content = [{ type: "output_text", text, annotations: [] }]
    return [
      responseFrame("response.created", model),
      itemFrame("added", 0, { ...message, status: "in_progress", content: [] }),
      typedFrame({ type: "response.output_text.delta", ...place, delta: text }),
      itemFrame("done", 0, { ...message, status: "completed", content }),
      responseFrame("response.completed", model),
    ].join("")
  },
}

const message = { type: "message", id: "msg_0", role: "assistant" }

/** Limits that the answer ran into, not failures: the host knows what to do with them. */
const ownReasons: readonly unknown[] = ["max_output_tokens", "max_tool_calls", "content_filter"]

/** Calls that OpenCode runs, as against those that the provider runs itself (web search and the like). */
const hostTools: readonly unknown[] = [
  "function_call",
  "custom_tool_call",
  "local_shell_call",
  "apply_patch_call",
]

type OpenItem = { readonly type: "message" | "reasoning"; readonly id: string }

class ResponsesReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  readonly #model: string
  /** Items of text and reasoning that were added and not done, by output index. */
  readonly #open = new Map<number, OpenItem>()
  #started = false

  constructor(model: string) {
    this.#model = model
  }

  read(text: string): WireStep {
    const type = typeByText(text)
    if (type?.endsWith(".delta") === true) return this.#delta(type, text)
    // `response.failed` and its like keep their error one level deeper; this sees the others.
    const data = readData(text, this.finished, "type")
    if ("step" in data) return data.step
    return this.#event(asObject(data.value), data.frame, text)
  }

  alike(text: string): Alike | undefined {
    // With the character behind the type, which ends there.
    return typeByText(text)?.endsWith(".delta") === true ? alikeUpTo(text, /\.delta[^\w.]/) : undefined
  }

  end(): string {
    if (this.finished) return ""
    this.finished = true
    const created = this.#started ? "" : responseFrame("response.created", this.#model)
    const items = [...this.#open].map(([index, item]) => itemFrame("done", index, endedItem(item)))
    return [created, ...items, responseFrame("response.incomplete", this.#model)].join("")
  }

  #event(event: JsonObject, frame: Frame, text: string): WireStep {
    const type = String(event["type"])
    switch (type) {
      case "response.created":
        this.#started = true
        return forwardSign
      case "response.output_item.added":
        return this.#added(Number(event["output_index"]), asObject(event["item"]))
      case "response.output_item.done":
        this.#done(Number(event["output_index"]), asObject(event["item"]))
        return forwardSign
      case "response.completed":
      case "response.done":
        return stoppingStep(this, "stop", text)
      case "response.incomplete":
        return this.#incomplete(asObject(event["response"]), frame, text)
      case "response.failed":
        return failed(frame.data, this.finished)
      default:
        return type.endsWith(".delta") ? this.#delta(type, text) : unreadEvent(event["type"], /^response\./)
    }
  }

  #delta(type: string, text: string): WireStep {
    if (/"delta": ?""/.test(text)) return forwardSign
    if (type === "response.output_text.delta" || type === "response.refusal.delta") {
      this.shown = furthest(this.shown, "text")
    } else if (type.startsWith("response.reasoning")) this.shown = furthest(this.shown, "reasoning")
    return forwardContent
  }

  #added(index: number, item: JsonObject): WireStep {
    const { type, id } = item
    if ((type === "message" || type === "reasoning") && isFilled(id)) this.#open.set(index, { type, id })
    // A reasoning item is announced when the model begins to think, long before it says anything.
    return type === "reasoning" ? forwardSign : forwardContent
  }

  #done(index: number, item: JsonObject): void {
    this.#open.delete(index)
    // The SDK makes the call only here; until then it has shown no more than the tool's name.
    if (hostTools.includes(item["type"])) this.shown = "tool"
    else if (item["type"] !== "message") this.shown = furthest(this.shown, "reasoning")
  }

  #incomplete(response: JsonObject, frame: Frame, text: string): WireStep {
    const reason = asObject(response["incomplete_details"])["reason"]
    const isFailure = response["error"] != null || (isFilled(reason) && !ownReasons.includes(reason))
    return isFailure
      ? failed(frame.data, this.finished)
      : stoppingStep(this, reason === "content_filter" ? "filter" : "limit", text)
  }
}

/** The event's type without parsing: from the `event:` line, or from a `type` that comes first in the data. */
function typeByText(text: string): string | undefined {
  return /^(?:event: ?|data: ?\{"type": ?")([\w.]+)/.exec(text)?.[1]
}

function endedItem({ type, id }: OpenItem): JsonObject {
  return type === "message"
    ? { ...message, id, status: "incomplete", content: [] }
    : { type, id, status: "incomplete", summary: [], encrypted_content: null }
}

function itemFrame(stage: "added" | "done", index: number, item: JsonObject): string {
  return typedFrame({ type: `response.output_item.${stage}`, output_index: index, item })
}

/**
 * "tool_calls" is no reason that OpenAI knows. Its SDK makes "other" of it ("tool-calls" after a tool call),
 * xAI's makes "tool-calls": see docs/decisions/0003-ending-a-step.md.
 */
const stages = {
  "response.created": { status: "in_progress", incomplete_details: null, usage: null },
  "response.incomplete": {
    status: "incomplete",
    incomplete_details: { reason: "tool_calls" },
    usage: noUsage(),
  },
  "response.completed": { status: "completed", incomplete_details: null, usage: noUsage() },
} as const

function responseFrame(type: keyof typeof stages, model: string): string {
  const base = { id: "resp_0", object: "response", created_at: 0, model, error: null, output: [] }
  return typedFrame({ type, response: { ...base, ...stages[type] } })
}

function noUsage(): JsonObject {
  return {
    input_tokens: 0,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 0,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 0,
  }
}
