import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock"
import { createAnthropic } from "@ai-sdk/anthropic"
import { createCohere } from "@ai-sdk/cohere"
import { createGateway } from "@ai-sdk/gateway"
import { createGoogleGenerativeAI } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import { jsonSchema, type LanguageModel, type ModelMessage, streamText } from "ai"
import type { ProtocolName } from "../../simulator/index.ts"
import { awsKeys } from "../../simulator/sigv4.ts"

export const PROTOCOLS: readonly ProtocolName[] = [
  "chat",
  "responses",
  "anthropic",
  "gemini",
  "bedrock",
  "cohere",
  "gateway",
]

/** The client that OpenCode itself uses for the protocol; the model is `PROTOCOL/one`. */
export function sdkModel(protocol: ProtocolName, origin: string): LanguageModel {
  const apiKey = "key"
  const provider = `${origin}/${protocol}`
  const baseURL = `${provider}/${protocol === "gemini" ? "v1beta" : "v1"}`
  const clients: Readonly<Record<ProtocolName, () => LanguageModel>> = {
    chat: () => createOpenAICompatible({ name: "chat", baseURL, apiKey, includeUsage: true })("one"),
    responses: () => createOpenAI({ baseURL, apiKey })("one"),
    anthropic: () => createAnthropic({ baseURL, apiKey })("one"),
    gemini: () => createGoogleGenerativeAI({ baseURL, apiKey })("one"),
    bedrock: () => createAmazonBedrock({ ...awsKeys, region: "us-east-1", baseURL: provider })("one"),
    cohere: () => createCohere({ baseURL: `${provider}/v2`, apiKey })("one"),
    gateway: () => createGateway({ baseURL, apiKey })("one"),
  }
  return clients[protocol]()
}

export interface Heard {
  readonly text: string
  readonly reasoning: string
  /** Complete tool calls as the client understood them. */
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  readonly finish: string | undefined
  readonly inputTokens: number | undefined
  readonly errors: readonly unknown[]
}

export interface AskOptions {
  readonly signal?: AbortSignal
  readonly messages?: readonly ModelMessage[]
  readonly system?: string
}

const TOOLS = {
  bash: {
    description: "Runs a command",
    inputSchema: jsonSchema({
      type: "object",
      properties: { command: { type: "string" } },
      required: ["command"],
    }),
  },
}

/** Sends one request and says what the client made of the answer. */
export async function ask(model: LanguageModel, options: AskOptions = {}): Promise<Heard> {
  const result = streamText({
    model,
    messages: [...(options.messages ?? [{ role: "user" as const, content: "hello" }])],
    tools: TOOLS,
    maxRetries: 0,
    maxOutputTokens: 1_000,
    // The default prints every error.
    onError: () => undefined,
    ...(options.system === undefined ? {} : { system: options.system }),
    ...(options.signal === undefined ? {} : { abortSignal: options.signal }),
  })
  const heard = { text: "", reasoning: "" }
  const calls: { name: string; input: unknown }[] = []
  const errors: unknown[] = []
  let finish: string | undefined
  let inputTokens: number | undefined
  for await (const part of result.fullStream) {
    if (part.type === "text-delta") heard.text += part.text
    if (part.type === "reasoning-delta") heard.reasoning += part.text
    if (part.type === "tool-call" && part.invalid !== true)
      calls.push({ name: part.toolName, input: part.input })
    if (part.type === "error") errors.push(part.error)
    if (part.type === "finish-step") {
      finish = part.finishReason
      inputTokens = part.usage.inputTokens
    }
  }
  return { ...heard, calls, finish, inputTokens, errors }
}
