import { asArray, asObject, type JsonObject } from "../../core/json-object.ts"
import { stoppingStep, type StopReason } from "./closing.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFraming } from "./sse-frames.ts"
import {
  errorText,
  failed,
  forwardContent,
  forwardSign,
  furthest,
  isOneDataLine,
  readData,
  sseFrame,
} from "./wire-steps.ts"
import type { Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** Gemini's `streamGenerateContent`, also as Vertex and the Code Assist logins speak it. */
export const gemini: WireProtocol = {
  name: "gemini",
  // Without `alt=sse` the answer is one long JSON array, which is none of ours.
  matches: ({ url }) =>
    url.pathname.endsWith(":streamGenerateContent") && url.searchParams.get("alt") === "sse",
  framing: sseFraming,
  hidesErrors: true,
  open: () => new GeminiReader(),
  answer: (_model, text) =>
    [
      sseFrame({ candidates: [candidateOf([{ text }])] }),
      sseFrame({ candidates: [candidateOf([], "STOP")], usageMetadata: noUsage }),
    ].join(""),
}

function candidateOf(parts: readonly JsonObject[], finishReason?: string): JsonObject {
  return { content: { role: "model", parts }, finishReason, index: 0 }
}

const noUsage = { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 }

/** Where one of these stands, text patterns are not enough. As in JSON: quotes inside a value are escaped. */
const needsParsing = /"(?:error|finishReason|blockReason|functionCall|thought)"/
const holdsText = /"text": ?"[^"]/

const stopReasons: Readonly<Record<string, StopReason>> = {
  STOP: "stop",
  MAX_TOKENS: "limit",
  IMAGE_SAFETY: "filter",
  RECITATION: "filter",
  SAFETY: "filter",
  BLOCKLIST: "filter",
  PROHIBITED_CONTENT: "filter",
  SPII: "filter",
}

class GeminiReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  #usageSeen = false

  read(text: string): WireStep {
    if (isOneDataLine(text) && holdsText.test(text) && !needsParsing.test(text)) {
      if (text.includes('"usageMetadata"')) this.#usageSeen = true
      this.shown = furthest(this.shown, "text")
      return forwardContent
    }
    const data = readData(text, this.finished)
    if ("step" in data) return data.step
    // The Code Assist endpoint wraps each chunk.
    const whole = asObject(data.value)
    const chunk = asObject(whole["response"] ?? whole)
    const wrapped = errorText(data.frame, chunk)
    if (wrapped !== undefined) return failed(wrapped, this.finished)
    const repaired = () => {
      const stopped = withReason(chunk, "STOP")
      return sseFrame("response" in whole ? { ...whole, response: stopped } : stopped)
    }
    return this.#chunk(chunk, text, repaired)
  }

  end(): string {
    if (this.finished) return ""
    this.finished = true
    // The SDK makes "tool-calls" of STOP after a call, and "stop" of it otherwise; a reason that it does not
    // know becomes "other" (AI SDK 5: "unknown"). See docs/decisions/0003-ending-a-step.md.
    const finishReason = this.shown === "tool" ? "STOP" : "INTERRUPTED"
    const candidates = [candidateOf([], finishReason)]
    // The SDK keeps the last usage that it was given: zeros must not replace it.
    return sseFrame({ candidates, ...(this.#usageSeen ? {} : { usageMetadata: noUsage }) })
  }

  #chunk(chunk: JsonObject, text: string, repaired: () => string): WireStep {
    const candidate = asObject(asArray(chunk["candidates"])[0])
    const parts = asArray(asObject(candidate["content"])["parts"]).map(asObject)
    for (const part of parts) this.shown = furthest(this.shown, shownBy(part))
    const reason = reasonOf(candidate, chunk)
    if (reason !== undefined) return stoppingStep(this, reason, text, repaired)
    if (chunk["usageMetadata"] != null) this.#usageSeen = true
    const content = parts.some((part) => isFilled(part["text"]) || "functionCall" in part)
    return content ? forwardContent : forwardSign
  }
}

function reasonOf(candidate: JsonObject, chunk: JsonObject): StopReason | undefined {
  const word = candidate["finishReason"]
  if (isFilled(word)) return stopReasons[word] ?? "unknown"
  // A blocked prompt has no candidate and no finish reason; it is the provider's last word all the same.
  return isFilled(asObject(chunk["promptFeedback"])["blockReason"]) ? "filter" : undefined
}

function withReason(chunk: JsonObject, finishReason: string): JsonObject {
  const [candidate, ...others] = asArray(chunk["candidates"]).map(asObject)
  return { ...chunk, candidates: [{ ...candidate, finishReason }, ...others] }
}

function shownBy(part: JsonObject): Shown {
  if ("functionCall" in part) return isWholeCall(asObject(part["functionCall"])) ? "tool" : "nothing"
  if ("inlineData" in part) return "text"
  if ("executableCode" in part || "codeExecutionResult" in part) return "reasoning"
  if (!isFilled(part["text"])) return "nothing"
  return part["thought"] === true ? "reasoning" : "text"
}

/** Streamed arguments (`partialArgs`, `willContinue`) make a call only when nothing more is announced. */
function isWholeCall(call: JsonObject): boolean {
  const goesOn = (value: JsonObject) => value["willContinue"] === true
  return !goesOn(call) && !asArray(call["partialArgs"]).map(asObject).some(goesOn)
}
