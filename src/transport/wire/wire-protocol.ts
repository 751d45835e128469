import { aiGateway } from "./ai-gateway.ts"
import { anthropicMessages } from "./anthropic-messages.ts"
import { bedrockConverse } from "./bedrock-converse.ts"
import { cohereChat } from "./cohere-chat.ts"
import { gemini } from "./gemini.ts"
import { openaiChat } from "./openai-chat.ts"
import { openaiResponses } from "./openai-responses.ts"
import type { WireProtocol, WireRequest } from "./wire-types.ts"

const protocols: readonly WireProtocol[] = [
  anthropicMessages,
  openaiResponses,
  openaiChat,
  gemini,
  bedrockConverse,
  cohereChat,
  aiGateway,
]

/**
 * The protocol that this request speaks, judged by its path and a few fields of its body.
 *
 * @returns `undefined` when it is none of ours or the request does not ask for a stream: such a request must
 * be left to the reactive way.
 */
export function wireProtocolFor(request: WireRequest): WireProtocol | undefined {
  return protocols.find((protocol) => protocol.matches(request))
}

/** A whole answer that says nothing, for a step that failed before its first byte. Status 200. */
export function emptyCompletion(protocol: WireProtocol, request: { readonly model: string }): Response {
  return streamOf(protocol, protocol.open(request).end())
}

/** An answer that we give ourselves in the place of a model. Status 200. */
export function textCompletion(protocol: WireProtocol, model: string, text: string): Response {
  return streamOf(protocol, protocol.answer(model, text))
}

function streamOf({ framing }: WireProtocol, frames: string): Response {
  const headers = { "content-type": framing.contentType, "cache-control": "no-cache" }
  return new Response(framing.encode(frames), { status: 200, headers })
}
