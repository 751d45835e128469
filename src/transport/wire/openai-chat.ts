import { asArray, asObject, isObject, type JsonObject } from "../../core/json-object.ts"
import { alikeButForTexts } from "./alike-frames.ts"
import { stoppingStep, type StopReason } from "./closing.ts"
import { isFilled } from "./frame-reader.ts"
import { sseFraming } from "./sse-frames.ts"
import { ToolCallHold } from "./tool-call-hold.ts"
import {
  asksForStream,
  brokenOff,
  forwardContent,
  furthest,
  isOneDataLine,
  readData,
  sseFrame,
} from "./wire-steps.ts"
import type { Alike, Shown, WireProtocol, WireReader, WireStep } from "./wire-types.ts"

/** OpenAI's chat completions, and everything that calls itself compatible with them. */
export const openaiChat: WireProtocol = {
  name: "openai-chat",
  matches: (request) =>
    request.url.pathname.endsWith("/chat/completions") && asksForStream(request, "messages"),
  framing: sseFraming,
  open: (model) => new ChatReader(model),
  answer: (model, text) => {
    const said = chunkOf(model, { role: "assistant", content: text }, null)
    return [sseFrame(said), lastFrames({ ...chunkOf(model, nothingSaid, "stop"), usage: noUsage })].join("")
  },
}

/**
 * Finish reasons that stand for a failure: OpenRouter and Mistral, Z.ai (OpenCode fails the step over it),
 * DeepSeek ("interrupted due to insufficient resource"), vLLM and SGLang (the engine dropped the request).
 */
const failureReasons: readonly unknown[] = ["error", "network_error", "insufficient_system_resource", "abort"]

/** As the packages read them; Mistral's knows `model_length`. */
const stopReasons: Readonly<Record<string, StopReason>> = {
  stop: "stop",
  length: "limit",
  model_length: "limit",
  content_filter: "filter",
  tool_calls: "calls",
  function_call: "calls",
}

/** As a delta. Perplexity's package wants both fields in every one. */
const nothingSaid = { role: "assistant", content: "" } as const

/** Where one of these stands, text patterns are not enough. As in JSON: quotes inside a value are escaped. */
const needsParsing = /"(?:error|tool_calls)"|"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|"content"\s*:\s*\[/
const holdsChoices = /"choices"\s*:\s*\[/
const holdsText = /"content"\s*:\s*"[^"]/
const holdsReasoning = /"reasoning\w*"\s*:\s*(?:"[^"]|\[\s*\{)/

/** OpenRouter says each thought twice: once more in its details. */
const textBegins = /"(?:content|reasoning\w*|text)"\s*:\s*"(?!")/g

class ChatReader implements WireReader {
  shown: Shown = "nothing"
  readonly #model: string
  readonly #hold = new ToolCallHold()
  #reasonGiven = false
  #doneGiven = false
  #usageSeen = false

  constructor(model: string) {
    this.#model = model
  }

  /**
   * `[DONE]` alone is not enough: without a finish reason the SDK reports "other" or an error, and OpenCode
   * would ask again at once. After a tool call it asks again anyway, as some servers rely on.
   */
  get finished(): boolean {
    return this.#reasonGiven || (this.#doneGiven && this.shown === "tool")
  }

  set finished(isFinished: boolean) {
    this.#reasonGiven = isFinished
  }

  read(text: string): WireStep {
    if (isPlain(text)) return this.#plain(text)
    const data = readData(text, this.finished, "choices")
    if ("step" in data) return data.step
    if (data.frame.data.trim() === "[DONE]") return this.#done(text)
    return this.#chunk(asObject(data.value), text)
  }

  alike(text: string): Alike | undefined {
    return isPlain(text) ? alikeButForTexts(text, textBegins) : undefined
  }

  end(): string {
    if (this.#reasonGiven) return ""
    this.#reasonGiven = true
    const chunk = chunkOf(this.#model, nothingSaid, "tool_calls")
    // The SDK keeps the last usage that it was given: zeros must not replace it.
    return lastFrames(this.#usageSeen ? chunk : { ...chunk, usage: noUsage })
  }

  #plain(text: string): WireStep {
    const shown = holdsText.test(text) ? "text" : holdsReasoning.test(text) ? "reasoning" : "nothing"
    this.shown = furthest(this.shown, shown)
    return { type: "forward", content: shown !== "nothing" }
  }

  #chunk(chunk: JsonObject, text: string): WireStep {
    const choice = asObject(asArray(chunk["choices"])[0])
    const reason = choice["finish_reason"]
    if (failureReasons.includes(reason)) return brokenOff(text, this.finished)
    const delta = asObject(choice["delta"])
    const calls = asArray(delta["tool_calls"]).map(asObject)
    const shown = shownBy(delta)
    if (isFilled(reason)) return this.#close(chunk, text, calls.length > 0 ? "tool" : shown, reason)
    if (isObject(chunk["usage"])) this.#usageSeen = true
    // Cloudflare's Workers AI counts its tokens so, over which the SDK packages would fail the step.
    if (!chunk["choices"])
      return { type: "replace", frames: sseFrame({ ...chunk, choices: [] }), content: false }
    this.shown = furthest(this.shown, shown)
    if (calls.length > 0) return this.#toolFragments(chunk, calls)
    return { type: "forward", content: shown !== "nothing" }
  }

  #close(chunk: JsonObject, text: string, shown: Shown, word: string): WireStep {
    const held = this.#releaseAll()
    this.shown = furthest(this.shown, shown)
    const reason = stopReasons[word] ?? "unknown"
    const repaired = () => held + sseFrame(withChoice(chunk, { finish_reason: "stop" }))
    return stoppingStep(this, reason, held + text, repaired)
  }

  /** A half-made call must not reach the SDK: at the end of the stream it would run it with what there is. */
  #toolFragments(chunk: JsonObject, fragments: readonly JsonObject[]): WireStep {
    const calls = this.#hold.push(fragments)
    if (calls.length > 0) this.shown = "tool"
    const isAsItCame = calls.length === fragments.length && calls.every((call, at) => call === fragments[at])
    if (isAsItCame) return forwardContent
    const { tool_calls: _, ...delta } = asObject(asObject(asArray(chunk["choices"])[0])["delta"])
    const changed = { delta: { ...delta, ...(calls.length > 0 && { tool_calls: calls }) } }
    return { type: "replace", frames: sseFrame(withChoice(chunk, changed)), content: true }
  }

  #releaseAll(): string {
    const calls = this.#hold.releaseAll()
    if (calls.length === 0) return ""
    this.shown = "tool"
    return sseFrame(chunkOf(this.#model, { tool_calls: calls }, null))
  }

  #done(text: string): WireStep {
    this.#doneGiven = true
    const held = this.#releaseAll()
    const isLastWord = !this.#reasonGiven && this.shown === "tool"
    if (isLastWord) return { type: "closing", closing: "goes-on", frames: held + text }
    return { type: "forward", content: false }
  }
}

function isPlain(text: string): boolean {
  return isOneDataLine(text) && holdsChoices.test(text) && !needsParsing.test(text)
}

function chunkOf(model: string, delta: JsonObject, reason: string | null): JsonObject {
  const choices = [{ index: 0, delta, finish_reason: reason }]
  return { id: "chatcmpl-0", object: "chat.completion.chunk", created: 0, model, choices }
}

const noUsage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

function lastFrames(chunk: JsonObject): string {
  return `${sseFrame(chunk)}data: [DONE]\n\n`
}

function withChoice(chunk: JsonObject, change: JsonObject): JsonObject {
  const [choice, ...choices] = asArray(chunk["choices"]).map(asObject)
  return { ...chunk, choices: [{ ...choice, ...change }, ...choices] }
}

function shownBy(delta: JsonObject): Shown {
  const { content } = delta
  if (isFilled(content)) return "text"
  // Mistral: parts of type `text` and `thinking`.
  const types = asArray(content).map((part) => asObject(part)["type"])
  if (types.includes("text")) return "text"
  const reasons = ["reasoning", "reasoning_content", "reasoning_text"].some((key) => isFilled(delta[key]))
  return reasons || types.length > 0 || asArray(delta["reasoning_details"]).length > 0
    ? "reasoning"
    : "nothing"
}
