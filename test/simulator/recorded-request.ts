import type { Conversation, ProtocolName } from "./protocol/protocol.ts"

/** `title` and `compaction` run outside the turn's loop; everything else is a step of a turn. */
export type Purpose = "step" | "title" | "compaction"

/** What the simulator knows of one request. `readonly` for tests: the simulator fills the later fields in. */
export interface RecordedRequest {
  /** Position among all requests, from 0. */
  readonly index: number
  /** `performance.now()` at arrival, in milliseconds. */
  readonly atMs: number
  readonly protocol: ProtocolName
  /** `provider/model`; the provider is the first segment of the path. */
  readonly model: string
  readonly purpose: Purpose
  readonly path: string
  /** What stands behind the path's question mark. */
  readonly query: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly conversation: Conversation
  /** Position among the requests to this model (titles not counted), from 0. */
  readonly call: number
  /** Kind of the answer that was given: `stream`, `status`, `reset`, `silence`. */
  readonly answeredBy: string | undefined
  /** HTTP status that was sent; `undefined` while (or when) none was sent. */
  readonly status: number | undefined
  /** `performance.now()` when the last byte was written or the connection ended. */
  readonly endedAtMs: number | undefined
  /** The client left before the answer was complete. */
  readonly clientAborted: boolean
}

/** All texts of user messages, in order. */
export const promptTexts = (request: RecordedRequest): readonly string[] =>
  request.conversation.turns.flatMap((turn) => (turn.role === "user" ? turn.texts : []))

/** All texts of assistant messages, in order. */
export const assistantTexts = (request: RecordedRequest): readonly string[] =>
  request.conversation.turns.flatMap((turn) => (turn.role === "assistant" ? turn.texts : []))

/** Results of tools in the conversation, in order. */
export const toolResults = (
  request: RecordedRequest,
): readonly { readonly callID: string; readonly text: string }[] =>
  request.conversation.turns.flatMap((turn) => turn.toolResults)

/** Tool calls that the conversation holds, in order. */
export const toolCalls = (
  request: RecordedRequest,
): readonly { readonly callID: string; readonly name: string }[] =>
  request.conversation.turns.flatMap((turn) => turn.toolCalls)

/** Whether the conversation holds an image or a PDF. */
export const hasImage = (request: RecordedRequest): boolean =>
  request.conversation.turns.some((turn) => turn.attachments > 0)

/** Names of the tools that the model may call. */
export const offeredTools = (request: RecordedRequest): readonly string[] => request.conversation.tools
