import { asArray, asObject, createFrameReader, isFilled, parseJson, type JsonObject } from "./frame-reader.ts"
import {
  errorText,
  failed,
  forwardContent,
  forwardSign,
  furthest,
  isOneDataLine,
  sseFrame,
} from "./wire-steps.ts"
import type { Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** Gemini's `streamGenerateContent`, also as Vertex and the Code Assist logins speak it. */
export const gemini: WireProtocol = {
  name: "gemini",
  // Without `alt=sse` the answer is one long JSON array, which is none of ours.
  matches: ({ url }) =>
    url.pathname.endsWith(":streamGenerateContent") && url.searchParams.get("alt") === "sse",
  open: () => new GeminiReader(),
}

/** Where one of these stands, text patterns are not enough. As in JSON: quotes inside a value are escaped. */
const needsParsing = /"(?:error|finishReason|blockReason|functionCall|thought)"/
const holdsText = /"text": ?"[^"]/

class GeminiReader implements WireReader {
  shown: Shown = "nothing"
  finished = false
  readonly #fields = createFrameReader()
  #usageSeen = false

  read(text: string): WireStep {
    if (isOneDataLine(text) && holdsText.test(text) && !needsParsing.test(text)) {
      if (text.includes('"usageMetadata"')) this.#usageSeen = true
      this.shown = furthest(this.shown, "text")
      return forwardContent
    }
    const frame = this.#fields(text)
    if (frame === undefined || frame.data === "") return forwardSign
    const value = parseJson(frame.data)
    const error = errorText(frame, value)
    if (error !== undefined) return failed(error, this.finished)
    // The Code Assist endpoint wraps each chunk.
    const chunk = asObject(asObject(value)["response"] ?? value)
    const wrapped = errorText(frame, chunk)
    return wrapped === undefined ? this.#chunk(chunk) : failed(wrapped, this.finished)
  }

  end(): string {
    if (this.finished) return ""
    this.finished = true
    // The SDK makes "tool-calls" of STOP after a call, and "stop" of it otherwise; a reason that it does not
    // know becomes "other" (AI SDK 5: "unknown"). See docs/decisions/0003-ending-a-step.md.
    const finishReason = this.shown === "tool" ? "STOP" : "INTERRUPTED"
    const candidate = { content: { role: "model", parts: [] }, finishReason, index: 0 }
    // The SDK keeps the last usage that it was given: zeros must not replace it.
    const usageMetadata = { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 0 }
    return sseFrame({ candidates: [candidate], ...(this.#usageSeen ? {} : { usageMetadata }) })
  }

  #chunk(chunk: JsonObject): WireStep {
    const candidate = asObject(asArray(chunk["candidates"])[0])
    const parts = asArray(asObject(candidate["content"])["parts"]).map(asObject)
    for (const part of parts) this.shown = furthest(this.shown, shownBy(part))
    if (chunk["usageMetadata"] != null) this.#usageSeen = true
    // A blocked prompt has no candidate and no finish reason; it is the provider's last word all the same.
    const blocked = asObject(chunk["promptFeedback"])["blockReason"]
    if (isFilled(candidate["finishReason"]) || isFilled(blocked)) this.finished = true
    const isContent = parts.some((part) => isFilled(part["text"]) || "functionCall" in part)
    return isContent ? forwardContent : forwardSign
  }
}

function shownBy(part: JsonObject): Shown {
  if ("functionCall" in part) return isWholeCall(asObject(part["functionCall"])) ? "tool" : "nothing"
  if ("inlineData" in part) return "text"
  if (!isFilled(part["text"])) return "nothing"
  return part["thought"] === true ? "reasoning" : "text"
}

/** Streamed arguments (`partialArgs`, `willContinue`) make a call only when nothing more is announced. */
function isWholeCall(call: JsonObject): boolean {
  const goesOn = (value: JsonObject) => value["willContinue"] === true
  return !goesOn(call) && !asArray(call["partialArgs"]).map(asObject).some(goesOn)
}
