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
export function emptyCompletion(protocol: WireProtocol, model: string): Response {
  return streamOf(protocol, protocol.open(model).end())
}

/** An answer that we give ourselves in the place of a model. Status 200. */
export function textCompletion(protocol: WireProtocol, model: string, text: string): Response {
  return streamOf(protocol, protocol.answer(model, text))
}

/** The same as a step that ends without an end: OpenCode's loop goes on behind it. */
export function unfinishedCompletion(protocol: WireProtocol, model: string, text: string): Response {
  const { framing } = protocol
  const { frames } = framing.splitter().push(framing.encode(protocol.answer(model, text)))
  const [whole, reader] = [protocol.open(model), protocol.open(model)]
  const said = frames.slice(
    0,
    frames.findIndex((frame) => whole.read(frame).type === "closing"),
  )
  for (const frame of said) reader.read(frame)
  return streamOf(protocol, [...said, reader.end()].join(""))
}

function streamOf({ framing }: WireProtocol, frames: string): Response {
  const headers = { "content-type": framing.contentType, "cache-control": "no-cache" }
  return new Response(framing.encode(frames), { status: 200, headers })
}
