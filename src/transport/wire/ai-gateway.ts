import { asObject, type JsonObject } from "../../core/json-object.ts"
import { stoppingStep, type StopReason } from "./closing.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFraming } from "./sse-frames.ts"
import { brokenOff, forwardContent, forwardSign, furthest, readData, sseFrame } from "./wire-steps.ts"
import type { Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** Vercel's AI Gateway, which sends the AI SDK's own stream parts. */
export const aiGateway: WireProtocol = {
  name: "ai-gateway",
  framing: sseFraming,
  matches: ({ url }) => url.pathname.endsWith("/language-model"),
  open: () => new GatewayReader(),
  answer: (_model, text) =>
    [
      streamStart,
      sseFrame({ type: "text-start", id: "0" }),
      sseFrame({ type: "text-delta", id: "0", delta: text }),
      sseFrame({ type: "text-end", id: "0" }),
      finish("stop"),
    ].join(""),
}

const stopReasons: Readonly<Record<string, StopReason>> = {
  stop: "stop",
  length: "limit",
  "content-filter": "filter",
  "tool-calls": "calls",
}

class GatewayReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  /** Blocks of text and reasoning that were begun and not ended, by id. */
  readonly #open = new Map<string, "text" | "reasoning">()
  #started = false

  read(text: string): WireStep {
    const data = readData(text, this.finished, "type")
    if ("step" in data) return data.step
    this.#started = true
    return this.#part(asObject(data.value), text)
  }

  end(): string {
    if (this.finished) return ""
    this.finished = true
    const open = [...this.#open].map(([id, kind]) => sseFrame({ type: `${kind}-end`, id }))
    return [this.#started ? "" : streamStart, ...open, finish("tool-calls")].join("")
  }

  #part(part: JsonObject, text: string): WireStep {
    const id = String(part["id"])
    switch (part["type"]) {
      case "text-start":
      case "reasoning-start":
        this.#open.set(id, part["type"] === "text-start" ? "text" : "reasoning")
        return forwardSign
      case "text-delta":
      case "reasoning-delta":
        return this.#delta(part)
      case "text-end":
      case "reasoning-end":
        this.#open.delete(id)
        return forwardSign
      case "tool-input-start":
      case "tool-input-delta":
        return forwardContent
      case "tool-call":
        this.shown = furthest(this.shown, part["providerExecuted"] === true ? "reasoning" : "tool")
        return forwardContent
      case "finish":
        return this.#finish(part, text)
      default:
        return forwardSign
    }
  }

  #delta(part: JsonObject): WireStep {
    if (!isFilled(part["delta"])) return forwardSign
    this.shown = furthest(this.shown, part["type"] === "text-delta" ? "text" : "reasoning")
    return forwardContent
  }

  #finish(part: JsonObject, text: string): WireStep {
    const word = asObject(part["finishReason"])["unified"] ?? part["finishReason"]
    if (word === "error") return brokenOff(text, this.finished)
    const reason = stopReasons[String(word)] ?? "unknown"
    const given = part["finishReason"]
    const stopped = typeof given === "string" ? "stop" : { ...asObject(given), unified: "stop" }
    return stoppingStep(this, reason, text, () => sseFrame({ ...part, finishReason: stopped }))
  }
}

const streamStart = sseFrame({ type: "stream-start", warnings: [] })

function finish(unified: "stop" | "tool-calls"): string {
  const usage = { inputTokens: { total: 0 }, outputTokens: { total: 0 } }
  return sseFrame({ type: "finish", finishReason: { unified }, usage })
}
