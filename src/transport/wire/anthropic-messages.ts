import { asObject, type JsonObject } from "../../core/json-object.ts"
import { alikeButForTexts } from "./alike-frames.ts"
import { stoppingStep, type StopReason } from "./closing.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFraming } from "./sse-frames.ts"
import {
  asksForStream,
  forwardContent,
  forwardSign,
  furthest,
  readData,
  typedFrame,
  unreadEvent,
} from "./wire-steps.ts"
import type { Alike, Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** Anthropic's messages, also as Vertex, Copilot and gateways speak them. */
export const anthropicMessages: WireProtocol = {
  name: "anthropic-messages",
  matches: (request) => {
    const path = request.url.pathname
    // Vertex serves other publishers' protocols under the same verb.
    const isVertex = path.includes("/publishers/anthropic/") && path.endsWith(":streamRawPredict")
    return (isVertex || path.endsWith("/messages")) && asksForStream(request, "messages")
  },
  framing: sseFraming,
  open: (model) => new AnthropicReader(model),
  answer: (model, text) =>
    [
      messageStart(model),
      typedFrame({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }),
      typedFrame({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } }),
      blockStop(0),
      messageDelta("end_turn", 0),
      messageStop,
    ].join(""),
}

const stopReasons: Readonly<Record<string, StopReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "limit",
  model_context_window_exceeded: "limit",
  refusal: "filter",
  tool_use: "calls",
}

const deltaLine = "event: content_block_delta\n"
/** As gateways write it that speak another protocol behind this one. */
const saysNothing = /"(?:text|thinking)": ?""/
const saidBegins = /"(?:text|thinking|partial_json)": ?"(?!")/g

class AnthropicReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  readonly #model: string
  /** Types of the blocks that were started and not stopped, by index. */
  readonly #open = new Map<number, string>()
  #started = false
  #stopped = false
  /** As last told by the provider: `message_start` gives the input, the few first tokens of the output. */
  #outputTokens = 0

  constructor(model: string) {
    this.#model = model
  }

  read(text: string): WireStep {
    if (text.startsWith(deltaLine)) return this.#delta(text)
    const data = readData(text, this.finished, "type")
    if ("step" in data) return data.step
    return this.#event(asObject(data.value), text)
  }

  alike(text: string): Alike | undefined {
    return text.startsWith(deltaLine) ? alikeButForTexts(text, saidBegins) : undefined
  }

  end(): string {
    if (this.#stopped) return ""
    const start = this.#started ? "" : messageStart(this.#model)
    const blocks = [...this.#open].filter(([, type]) => !isToolUse(type)).map(([index]) => blockStop(index))
    // "tool_use" is the one reason that the SDK maps to "tool-calls": see docs/decisions/0003-ending-a-step.md.
    const delta = this.finished ? "" : messageDelta("tool_use", this.#outputTokens)
    this.finished = true
    this.#stopped = true
    return [start, ...blocks, delta, messageStop].join("")
  }

  #event(event: JsonObject, text: string): WireStep {
    switch (event["type"]) {
      case "message_start":
        this.#started = true
        this.#readUsage(asObject(event["message"]))
        return forwardSign
      case "content_block_start":
        this.#open.set(Number(event["index"]), String(asObject(event["content_block"])["type"]))
        return forwardContent
      case "content_block_delta":
        return this.#delta(text)
      case "content_block_stop":
        this.#close(Number(event["index"]))
        return forwardSign
      case "message_delta":
        return this.#messageDelta(event, text)
      case "message_stop":
        return this.#messageStop(text)
      default:
        return unreadEvent(event["type"], /^(?:message_|content_block_|ping$)/)
    }
  }

  #messageDelta(event: JsonObject, text: string): WireStep {
    const delta = asObject(event["delta"])
    const word = delta["stop_reason"]
    if (!isFilled(word)) {
      this.#readUsage(event)
      return forwardSign
    }
    const reason = stopReasons[word] ?? "unknown"
    const repaired = { ...event, type: "message_delta", delta: { ...delta, stop_reason: "end_turn" } }
    // Without `message_stop` the SDK reports no finish at all, but the answer itself is complete: `end`
    // supplies what is missing.
    return stoppingStep(this, reason, text, () => typedFrame(repaired))
  }

  /** Without a stop reason before it the SDK knows no reason. */
  #messageStop(text: string): WireStep {
    if (this.finished) {
      this.#stopped = true
      return forwardSign
    }
    const repaired = (): string => messageDelta("end_turn", this.#outputTokens) + text
    const step = stoppingStep(this, "unknown", text, repaired)
    this.#stopped = this.finished
    return step
  }

  /** By text alone, since nearly every frame is one of these: quotes inside a value are always escaped. */
  #delta(text: string): WireStep {
    if (saysNothing.test(text)) return forwardSign
    if (text.includes('"text_delta"')) this.shown = furthest(this.shown, "text")
    else if (text.includes('"thinking_delta"')) this.shown = furthest(this.shown, "reasoning")
    return forwardContent
  }

  #close(index: number): void {
    const type = this.#open.get(index)
    this.#open.delete(index)
    // The SDK makes the call only here; until then it has shown no more than the tool's name.
    if (type === "tool_use") this.shown = "tool"
    else if (type !== "text") this.shown = furthest(this.shown, "reasoning")
  }

  #readUsage(holder: JsonObject): void {
    const tokens = asObject(holder["usage"])["output_tokens"]
    if (typeof tokens === "number") this.#outputTokens = tokens
  }
}

/** `tool_use`, `server_tool_use`, `mcp_tool_use`: left open they become no call; closed they would. */
function isToolUse(type: string): boolean {
  return type.endsWith("tool_use")
}

function messageStart(model: string): string {
  const usage = { input_tokens: 0, output_tokens: 0 }
  const message = { id: "msg_0", type: "message", role: "assistant", model, content: [] }
  const open = { ...message, stop_reason: null, stop_sequence: null, usage }
  return typedFrame({ type: "message_start", message: open })
}

const messageStop = typedFrame({ type: "message_stop" })

function blockStop(index: number): string {
  return typedFrame({ type: "content_block_stop", index })
}

function messageDelta(reason: string, outputTokens: number): string {
  const delta = { stop_reason: reason, stop_sequence: null }
  return typedFrame({ type: "message_delta", delta, usage: { output_tokens: outputTokens } })
}
