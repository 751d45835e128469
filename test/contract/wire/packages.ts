import { createAlibaba } from "@ai-sdk/alibaba"
import { createAzure } from "@ai-sdk/azure"
import { createCerebras } from "@ai-sdk/cerebras"
import { createDeepInfra } from "@ai-sdk/deepinfra"
import { createGroq } from "@ai-sdk/groq"
import { createMistral } from "@ai-sdk/mistral"
import { createPerplexity } from "@ai-sdk/perplexity"
import { createTogetherAI } from "@ai-sdk/togetherai"
import { createVercel } from "@ai-sdk/vercel"
import { createXai } from "@ai-sdk/xai"
import { createOpenRouter } from "@openrouter/ai-sdk-provider"
import type { LanguageModel } from "ai"
import { createVenice } from "venice-ai-sdk-provider"
import { openaiResponses } from "../../simulator/protocol/openai-responses.ts"
import { chatStream, type RecordedStream, responsesStream } from "./streams.ts"
import { asFetch, type Respond } from "./wire-rows.ts"

/** A further package that OpenCode bundles for a protocol of ours, each with a schema of its own. */
export type PackageRow = {
  readonly name: string
  readonly stream: RecordedStream
  readonly model: (fetch: typeof globalThis.fetch) => LanguageModel
}

const apiKey = "none"
const chat = { stream: chatStream }
const responses = { stream: responsesStream }
/** With all the fields that xAI's package insists on. */
function fullResponses(): RecordedStream {
  const { answerText, reasoningText } = responsesStream
  const encoder = openaiResponses.encoder("grok-4", "1", "seal")
  const withStatus = (frames: string): string =>
    frames.replaceAll('"type":"reasoning"', '"type":"reasoning","status":"completed"')
  const open = [encoder.begin()]
  const reasoning = [withStatus(encoder.reasoning(reasoningText))]
  return { ...responsesStream, open, reasoning, text: [withStatus(encoder.text(answerText))] }
}
/** Every delta as Perplexity sends it. */
const fullDeltas = (frames: readonly string[]): readonly string[] =>
  frames.map((frame) =>
    frame
      .replace(/"delta":\{(?!"role")/, '"delta":{"role":"assistant",')
      .replace(/"delta":\{"role":"assistant",?(?!.*"content")/, '"delta":{"role":"assistant","content":"",')
      .replace(",}", "}"),
  )

export const packageRows: readonly PackageRow[] = [
  { name: "alibaba", ...chat, model: (fetch) => createAlibaba({ apiKey, fetch })("qwen3-max") },
  { name: "cerebras", ...chat, model: (fetch) => createCerebras({ apiKey, fetch })("qwen-3-coder-480b") },
  { name: "deepinfra", ...chat, model: (fetch) => createDeepInfra({ apiKey, fetch })("m") },
  { name: "groq", ...chat, model: (fetch) => createGroq({ apiKey, fetch })("m") },
  { name: "mistral", ...chat, model: (fetch) => createMistral({ apiKey, fetch })("mistral-large-latest") },
  { name: "openrouter", ...chat, model: (fetch) => createOpenRouter({ apiKey, fetch })("m") },
  {
    name: "perplexity",
    stream: {
      ...chatStream,
      open: fullDeltas(chatStream.open),
      text: fullDeltas(chatStream.text),
      reasoning: [],
    },
    model: (fetch) => createPerplexity({ apiKey, fetch })("sonar-pro"),
  },
  { name: "togetherai", ...chat, model: (fetch) => createTogetherAI({ apiKey, fetch })("m") },
  { name: "venice", ...chat, model: (fetch) => createVenice({ apiKey, fetch })("m") },
  { name: "vercel (v0)", ...chat, model: (fetch) => createVercel({ apiKey, fetch })("v0-1.5-md") },
  { name: "xai, chat", ...chat, model: (fetch) => createXai({ apiKey, fetch }).chat("grok-4") },
  {
    name: "xai, responses",
    stream: fullResponses(),
    model: (fetch) => createXai({ apiKey, fetch }).responses("grok-4"),
  },
  {
    name: "azure, chat",
    ...chat,
    model: (fetch) => createAzure({ apiKey, resourceName: "r", fetch }).chat("gpt-4o"),
  },
  {
    name: "azure, responses",
    ...responses,
    model: (fetch) => createAzure({ apiKey, resourceName: "r", fetch }).responses("gpt-5"),
  },
]

export function packageModel(row: PackageRow): (respond: Respond) => LanguageModel {
  return (respond) => row.model(asFetch(respond))
}
