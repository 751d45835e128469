import type { ErrorFrame, FinishReason, Usage } from "../step.ts"
import { frame, type Json, record, records, string, textsOf } from "./json.ts"
import type { Conversation, ConversationTurn, Encoder, Protocol } from "./protocol.ts"

/** Gemini has no word for tool calls: a finished step with calls says STOP. */
const FINISH_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  "tool-calls": "STOP",
  length: "MAX_TOKENS",
  "content-filter": "SAFETY",
}

const ERROR_WORDS: Readonly<Record<number, readonly [status: string, message: string]>> = {
  400: ["INVALID_ARGUMENT", "Request contains an invalid argument."],
  401: ["UNAUTHENTICATED", "Request had invalid authentication credentials."],
  403: ["PERMISSION_DENIED", "Your API key was reported as leaked. Please use another API key."],
  404: [
    "NOT_FOUND",
    "models/sim is not found for API version v1beta, or is not supported for generateContent.",
  ],
  429: ["RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details."],
  500: ["INTERNAL", "An internal error has occurred. Please retry."],
  503: ["UNAVAILABLE", "The model is overloaded. Please try again later."],
}

const usageOf = (usage: Usage): Json => ({
  promptTokenCount: usage.inputTokens,
  candidatesTokenCount: usage.outputTokens,
  totalTokenCount: usage.inputTokens + usage.outputTokens,
})

function createEncoder(model: string, id: string, seal: string): Encoder {
  let thoughtSignature: string | undefined = seal
  const chunk = (parts: readonly Json[], more: Json = {}, root: Json = {}): string =>
    frame({
      candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
      modelVersion: model,
      responseId: id,
      ...root,
    })
  return {
    begin: () => "",
    text: (text) => chunk([{ text }]),
    reasoning: (text) => chunk([{ text, thought: true }]),
    // Gemini sends a call in one piece; a half-made one is a frame that breaks off.
    toolCall: (name, inputText, complete) => {
      if (!complete)
        return `data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"${name}","args":${inputText}`
      // Of several calls the first is signed.
      const signature = { thoughtSignature }
      thoughtSignature = undefined
      return chunk([{ functionCall: { name, args: JSON.parse(inputText) as unknown }, ...signature }])
    },
    ping: () => ": ping\n\n",
    error: (error: ErrorFrame) =>
      frame(
        error.json ?? {
          error: {
            code: error.code ?? 503,
            message: error.message ?? "The model is overloaded. Please try again later.",
            status: error.type ?? "UNAVAILABLE",
          },
        },
      ),
    finish: (reason: FinishReason, usage: Usage) =>
      chunk([{ text: "" }], { finishReason: FINISH_WORDS[reason] }, { usageMetadata: usageOf(usage) }),
  }
}

function turnOf(content: Json): ConversationTurn {
  const parts = records(content["parts"])
  return {
    role: content["role"] === "model" ? "assistant" : "user",
    texts: textsOf(parts.filter((part) => part["thought"] !== true)),
    attachments: parts.filter((part) => "inlineData" in part || "fileData" in part).length,
    toolCalls: parts.flatMap((part) => {
      const name = string(record(part["functionCall"])["name"])
      return name === "" ? [] : [{ callID: name, name }]
    }),
    toolResults: parts.flatMap((part) => {
      const result = record(part["functionResponse"])
      const response = record(result["response"])
      return "functionResponse" in part
        ? [{ callID: string(result["name"]), text: string(response["content"] ?? response["output"]) }]
        : []
    }),
  }
}

const read = (body: Json): Conversation => ({
  system: textsOf(record(body["systemInstruction"])["parts"]).join("\n"),
  turns: records(body["contents"]).map(turnOf),
  tools: records(body["tools"]).flatMap((tool) =>
    records(tool["functionDeclarations"]).map((declaration) => string(declaration["name"])),
  ),
})

/** Google's own words for "do not look", for calls that another model has made. */
const UNCHECKED = ["context_engineering_is_the_way_to_go", "skip_thought_signature_validator"]

/**
 * No model takes another account's signature. A Gemini 3 wants its own on the first call of each step of the current turn,
 * which begins with the newest user message that says something (Google's description of thought signatures).
 */
function refusal(model: string, body: Json, seal: string): Json | undefined {
  const contents = records(body["contents"]).map(({ parts }) => records(parts))
  const signatureOf = (part: Json | undefined): string => string(part?.["thoughtSignature"])
  const isTaken = (part: Json): boolean => ["", seal, ...UNCHECKED].includes(signatureOf(part))
  if (!contents.flat().every(isTaken)) return errorBody(400, "Corrupted thought signature.")
  const calls = contents.map((parts) => parts.filter((part) => "functionCall" in part))
  const isPrompt = ({ role, parts }: Json): boolean =>
    role === "user" && textsOf(parts).some((said) => said.trim() !== "")
  const steps = calls.slice(records(body["contents"]).findLastIndex(isPrompt) + 1)
  if (!model.startsWith("gemini-3") || steps.every(([first]) => !first || signatureOf(first) !== ""))
    return undefined
  return errorBody(400, "Function call is missing a thought_signature in functionCall parts.")
}

const MODEL_PATH = /\/models\/([^/:]+):(?:streamGenerateContent|generateContent)$/

function errorBody(status: number, message: string | undefined): Json {
  const [word, usual] = ERROR_WORDS[status] ?? ["UNKNOWN", `Upstream request failed with status ${status}`]
  const details =
    status === 429
      ? { details: [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "574s" }] }
      : {}
  return { error: { code: status, message: message ?? usual, status: word, ...details } }
}

export const gemini: Protocol = {
  name: "gemini",
  modelOf: (path) => {
    const model = MODEL_PATH.exec(path)?.[1]
    return model === undefined ? undefined : decodeURIComponent(model)
  },
  encoder: createEncoder,
  errorBody,
  refusal,
  read,
}
