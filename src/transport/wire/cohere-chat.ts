import { asObject, type JsonObject } from "../../core/json-object.ts"
import { stoppingStep, type StopReason } from "./closing.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFraming } from "./sse-frames.ts"
import {
  asksForStream,
  brokenOff,
  forwardContent,
  forwardSign,
  furthest,
  readData,
  typedFrame,
  unreadEvent,
} from "./wire-steps.ts"
import type { Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** Cohere's chat, version 2. */
export const cohereChat: WireProtocol = {
  name: "cohere-chat",
  framing: sseFraming,
  matches: (request) => request.url.pathname.endsWith("/v2/chat") && asksForStream(request, "messages"),
  open: () => new CohereReader(),
  answer: (_model, text) =>
    [
      messageStart,
      content("content-start", { type: "text", text: "" }),
      content("content-delta", { text }),
      contentEnd(0),
      messageEnd("COMPLETE"),
    ].join(""),
}

/** As the package reads them. */
const stopReasons: Readonly<Record<string, StopReason>> = {
  COMPLETE: "stop",
  STOP_SEQUENCE: "stop",
  MAX_TOKENS: "limit",
  TOOL_CALL: "calls",
}

/** Reasons that stand for a failure of the service; the package ends the answer over them as if it were whole. */
const failureReasons: readonly unknown[] = ["ERROR", "TIMEOUT"]

class CohereReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  /** The block of text or thought that was begun and not ended. */
  #open: number | undefined
  #started = false

  read(text: string): WireStep {
    const data = readData(text, this.finished, "type")
    if ("step" in data) return data.step
    const event = asObject(data.value)
    const delta = asObject(event["delta"])
    if (failureReasons.includes(delta["finish_reason"])) return brokenOff(text, this.finished)
    return this.#event(event, delta, text)
  }

  end(): string {
    if (this.finished) return ""
    this.finished = true
    const begun = this.#started ? "" : messageStart
    return [begun, this.#open === undefined ? "" : contentEnd(this.#open), messageEnd("TOOL_CALL")].join("")
  }

  #event(event: JsonObject, delta: JsonObject, text: string): WireStep {
    switch (event["type"]) {
      case "message-start":
        this.#started = true
        return forwardSign
      case "content-start":
        this.#open = Number(event["index"])
        return forwardSign
      case "content-delta":
        return this.#content(asObject(asObject(delta["message"])["content"]))
      case "content-end":
        this.#open = undefined
        return forwardSign
      // A plan that the package does not show, and a call that it makes only at its end.
      case "tool-plan-delta":
      case "tool-call-start":
      case "tool-call-delta":
        return forwardContent
      case "tool-call-end":
        this.shown = "tool"
        return forwardContent
      case "message-end":
        return this.#stop(event, delta, text)
      default:
        return unreadEvent(event["type"], /^(?:message|content|tool|citation)-/)
    }
  }

  #content(content: JsonObject): WireStep {
    const isThought = "thinking" in content
    if (!isFilled(isThought ? content["thinking"] : content["text"])) return forwardSign
    this.shown = furthest(this.shown, isThought ? "reasoning" : "text")
    return forwardContent
  }

  #stop(event: JsonObject, delta: JsonObject, text: string): WireStep {
    const reason = stopReasons[String(delta["finish_reason"])] ?? "unknown"
    const whole = { ...event, type: "message-end", delta: { ...delta, finish_reason: "COMPLETE" } }
    return stoppingStep(this, reason, text, () => typedFrame(whole))
  }
}

const messageStart = typedFrame({
  type: "message-start",
  id: "0",
  delta: { message: { role: "assistant", content: [], tool_plan: "", tool_calls: [], citations: [] } },
})

function content(type: "content-start" | "content-delta", value: JsonObject): string {
  return typedFrame({ type, index: 0, delta: { message: { content: value } } })
}

function contentEnd(index: number): string {
  return typedFrame({ type: "content-end", index })
}

function messageEnd(reason: string): string {
  const none = { input_tokens: 0, output_tokens: 0 }
  return typedFrame({
    type: "message-end",
    delta: { finish_reason: reason, usage: { billed_units: none, tokens: none } },
  })
}
