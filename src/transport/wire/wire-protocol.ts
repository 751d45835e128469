import { anthropicMessages } from "./anthropic-messages.ts"
import { gemini } from "./gemini.ts"
import { openaiChat } from "./openai-chat.ts"
import { openaiResponses } from "./openai-responses.ts"
import type { WireProtocol, WireRequest } from "./wire-types.ts"

export { unterminatedError } from "./unterminated-error.ts"
export type { Closing, Shown, WireProtocol, WireReader, WireRequest, WireStep } from "./wire-types.ts"

const protocols: readonly WireProtocol[] = [anthropicMessages, openaiResponses, openaiChat, gemini]

/**
 * The protocol that this request speaks, judged by its path and a few fields of its body.
 *
 * @returns `undefined` when it is none of ours or the request does not ask for a stream: such a request must
 * be left to the reactive way.
 */
export function wireProtocolFor(request: WireRequest): WireProtocol | undefined {
  return protocols.find((protocol) => protocol.matches(request))
}

/**
 * A whole answer that says nothing, for a step that failed before its first byte.
 *
 * @returns status 200, `text/event-stream`
 */
export function emptyCompletion(protocol: WireProtocol, request: { readonly model: string }): Response {
  return new Response(protocol.open(request).end(), {
    status: 200,
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  })
}
