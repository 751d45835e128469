import { asObject, parseJsonText, type JsonObject } from "../../core/json-object.ts"
import { awsEventFraming } from "./aws-event-framing.ts"
import { awsMessage, readAwsMessage } from "./aws-event-message.ts"
import { stoppingStep, type StopReason } from "./closing.ts"
import { isFilled } from "./frame-reader.ts"
import { forwardContent, forwardSign, furthest } from "./wire-steps.ts"
import type { Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** Amazon Bedrock's ConverseStream. */
export const bedrockConverse: WireProtocol = {
  name: "bedrock-converse",
  framing: awsEventFraming,
  matches: ({ url }) => url.pathname.endsWith("/converse-stream"),
  open: () => new ConverseReader(),
  answer: (_model, text) =>
    [
      messageStart(),
      event("contentBlockDelta", { contentBlockIndex: 0, delta: { text } }),
      blockStop(0),
      messageStop("end_turn"),
      noUsage(),
    ].join(""),
}

/** As the package reads them. */
const stopReasons: Readonly<Record<string, StopReason>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "limit",
  content_filtered: "filter",
  guardrail_intervened: "filter",
  tool_use: "calls",
}

class ConverseReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  /** Kinds of the blocks that were begun and not stopped, by index. */
  readonly #open = new Map<number, "text" | "reasoning" | "tool">()
  #started = false

  read(frame: string): WireStep {
    const { headers, payload } = readAwsMessage(frame)
    const value = asObject(parseJsonText(payload))
    const type = headers[":event-type"]
    if (headers[":message-type"] !== "event" || type === undefined) return this.#failed(headers, value)
    switch (type) {
      case "messageStart":
        this.#started = true
        return forwardSign
      case "contentBlockStart":
        return this.#blockStart(indexOf(value), asObject(value["start"]))
      case "contentBlockDelta":
        return this.#delta(indexOf(value), asObject(value["delta"]))
      case "contentBlockStop":
        this.#blockStop(indexOf(value))
        return forwardSign
      case "messageStop":
        return this.#stop(value, frame)
      default:
        return forwardSign
    }
  }

  end(): string {
    if (this.finished) return ""
    this.finished = true
    const begun = this.#started ? "" : messageStart()
    // A call is made when its block stops: one that is left open becomes none.
    const open = [...this.#open].filter(([, kind]) => kind !== "tool")
    return [begun, ...open.map(([index]) => blockStop(index)), messageStop("tool_use"), noUsage()].join("")
  }

  #failed(headers: Readonly<Record<string, string>>, value: JsonObject): WireStep {
    if (this.finished) return { type: "replace", frames: skipped(), content: false }
    const type = headers[":exception-type"] ?? headers[":error-code"] ?? "internalServerException"
    const message = value["message"] ?? headers[":error-message"] ?? type
    return { type: "failure", text: JSON.stringify({ ...value, __type: type, message }) }
  }

  #blockStart(index: number, start: JsonObject): WireStep {
    const isTool = "toolUse" in start
    this.#open.set(index, isTool ? "tool" : "text")
    return isTool ? forwardContent : forwardSign
  }

  #delta(index: number, delta: JsonObject): WireStep {
    if ("toolUse" in delta) return forwardContent
    const kind = "reasoningContent" in delta ? "reasoning" : "text"
    if (!this.#open.has(index)) this.#open.set(index, kind)
    const isSaid = kind === "reasoning" || isFilled(delta["text"])
    if (isSaid) this.shown = furthest(this.shown, kind)
    return isSaid ? forwardContent : forwardSign
  }

  #blockStop(index: number): void {
    if (this.#open.get(index) === "tool") this.shown = "tool"
    this.#open.delete(index)
  }

  #stop(value: JsonObject, frame: string): WireStep {
    const reason = stopReasons[String(value["stopReason"])] ?? "unknown"
    const repaired = () => event("messageStop", { ...value, stopReason: "end_turn" })
    return stoppingStep(this, reason, frame, repaired)
  }
}

function indexOf(value: JsonObject): number {
  return Number(value["contentBlockIndex"] ?? 0)
}

function event(type: string, value: JsonObject): string {
  const headers = { ":event-type": type, ":content-type": "application/json", ":message-type": "event" }
  return awsMessage({ headers, payload: JSON.stringify(value) })
}

function blockStop(contentBlockIndex: number): string {
  return event("contentBlockStop", { contentBlockIndex })
}

function messageStop(stopReason: string): string {
  return event("messageStop", { stopReason })
}

/** An event that nobody knows, and that is therefore passed over. */
const skipped = () => event("skipped", {})
const messageStart = () => event("messageStart", { role: "assistant" })
const noUsage = () =>
  event("metadata", {
    usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
    metrics: { latencyMs: 0 },
  })
