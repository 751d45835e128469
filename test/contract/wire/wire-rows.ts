import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock"
import { createAnthropic } from "@ai-sdk/anthropic"
import { AnthropicMessagesLanguageModel } from "@ai-sdk/anthropic/internal"
import { createCohere } from "@ai-sdk/cohere"
import { createGateway } from "@ai-sdk/gateway"
import { createGoogleGenerativeAI } from "@ai-sdk/google"
import { createOpenAI } from "@ai-sdk/openai"
import { createOpenAICompatible } from "@ai-sdk/openai-compatible"
import type { LanguageModel } from "ai"
import type { WireProtocol } from "../../../src/transport/wire/wire-types.ts"
import {
  anthropicStream,
  bedrockStream,
  chatStream,
  cohereStream,
  gatewayStream,
  geminiStream,
  geminiStreamedArguments,
  responsesStream,
  type RecordedStream,
} from "./streams.ts"

/** Answers the request of an SDK package. `body` is its JSON text. */
export type Respond = (url: string, body: string) => Response | Promise<Response>

/** One protocol as one AI SDK package reads it. */
export type WireRow = {
  readonly name: string
  readonly protocol: WireProtocol["name"]
  readonly model: (respond: Respond) => LanguageModel
  readonly stream: RecordedStream
  /** What the AI SDK makes of a step that we ended, without and after a whole tool call. */
  readonly finish: { readonly plain: "tool-calls" | "other"; readonly afterTool: "tool-calls" }
}

const toolCalls = { plain: "tool-calls", afterTool: "tool-calls" } as const
const other = { plain: "other", afterTool: "tool-calls" } as const
const key = { apiKey: "none" }

export function asFetch(respond: Respond): typeof globalThis.fetch {
  const fetch = async (input: string | URL | Request, init?: RequestInit) =>
    respond(
      input instanceof Request ? input.url : input.toString(),
      typeof init?.body === "string" ? init.body : "",
    )
  return Object.assign(fetch, { preconnect: () => {} })
}

export const wireRows: readonly WireRow[] = [
  {
    name: "chat completions, openai-compatible",
    protocol: "openai-chat",
    model: (respond) =>
      createOpenAICompatible({ name: "local", baseURL: "http://local/v1", fetch: asFetch(respond) })("m"),
    stream: chatStream,
    finish: toolCalls,
  },
  {
    name: "chat completions, openai",
    protocol: "openai-chat",
    model: (respond) => createOpenAI({ ...key, fetch: asFetch(respond) }).chat("gpt-4o"),
    // This package reads no reasoning from chat completions.
    stream: { ...chatStream, reasoningText: "" },
    finish: toolCalls,
  },
  {
    name: "responses, openai",
    protocol: "openai-responses",
    model: (respond) => createOpenAI({ ...key, fetch: asFetch(respond) }).responses("gpt-5"),
    stream: responsesStream,
    finish: other,
  },
  {
    name: "messages, anthropic",
    protocol: "anthropic-messages",
    model: (respond) => createAnthropic({ ...key, fetch: asFetch(respond) })("claude-sonnet-4-5"),
    stream: anthropicStream,
    finish: toolCalls,
  },
  {
    name: "messages, anthropic over Vertex",
    protocol: "anthropic-messages",
    model: (respond) => vertexAnthropic(asFetch(respond)),
    stream: anthropicStream,
    finish: toolCalls,
  },
  {
    name: "gemini, google",
    protocol: "gemini",
    model: (respond) => createGoogleGenerativeAI({ ...key, fetch: asFetch(respond) })("gemini-3-pro"),
    stream: geminiStream,
    finish: other,
  },
  {
    name: "gemini, google, streamed arguments",
    protocol: "gemini",
    model: (respond) => createGoogleGenerativeAI({ ...key, fetch: asFetch(respond) })("gemini-3-pro"),
    stream: geminiStreamedArguments,
    finish: other,
  },
  {
    name: "converse stream, bedrock with a key",
    protocol: "bedrock-converse",
    model: (respond) =>
      createAmazonBedrock({ ...key, region: "us-east-1", fetch: asFetch(respond) })("anthropic.claude"),
    stream: bedrockStream,
    finish: toolCalls,
  },
  {
    name: "chat 2, cohere",
    protocol: "cohere-chat",
    model: (respond) => createCohere({ ...key, fetch: asFetch(respond) })("command-a"),
    stream: cohereStream,
    finish: toolCalls,
  },
  {
    name: "stream parts, gateway",
    protocol: "ai-gateway",
    model: (respond) => createGateway({ ...key, fetch: asFetch(respond) })("anthropic/claude-sonnet-4.5"),
    stream: gatewayStream,
    finish: toolCalls,
  },
]

/** The address that `@ai-sdk/google-vertex/anthropic` builds. */
function vertexAnthropic(fetch: typeof globalThis.fetch): LanguageModel {
  const base = "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5"
  return new AnthropicMessagesLanguageModel("claude-sonnet-4-5@20250929", {
    provider: "vertex.anthropic.messages",
    baseURL: `${base}/publishers/anthropic/models`,
    headers: {},
    fetch,
    buildRequestUrl: (baseURL, streams) =>
      `${baseURL}/claude-sonnet-4-5@20250929:${streams ? "streamRawPredict" : "rawPredict"}`,
  })
}
