import type { ErrorFrame, FinishReason, Usage } from "../step.ts"

export type ProtocolName = "chat" | "responses" | "anthropic" | "gemini" | "bedrock" | "cohere" | "gateway"

/** A message of the conversation, read from the body of any protocol. */
export interface ConversationTurn {
  readonly role: "user" | "assistant"
  readonly texts: readonly string[]
  /** Number of images and PDFs. */
  readonly attachments: number
  readonly toolCalls: readonly { readonly callID: string; readonly name: string }[]
  readonly toolResults: readonly { readonly callID: string; readonly text: string }[]
}

export interface Conversation {
  readonly system: string
  readonly turns: readonly ConversationTurn[]
  readonly tools: readonly string[]
}

/** Writes one answer; every method returns the bytes to send. Opening frames are written before the first content. */
export interface Encoder {
  begin(): string
  text(delta: string): string
  reasoning(delta: string): string
  /** `complete: false` leaves the call open. */
  toolCall(name: string, inputText: string, complete: boolean): string
  ping(): string
  error(error: ErrorFrame): string
  finish(reason: FinishReason, usage: Usage): string
}

export interface Protocol {
  readonly name: ProtocolName
  /** The model that a request asks for, or `undefined` if the path belongs to another protocol. */
  modelOf(
    path: string,
    body: Readonly<Record<string, unknown>>,
    headers: Readonly<Record<string, unknown>>,
  ): string | undefined
  /** `text/event-stream` if left out. */
  readonly contentType?: string
  /** How the encoder's text stands for bytes; UTF-8 if left out. */
  readonly charset?: "latin1"
  /** @param seal stands with what only the account can use that it is given to: a model's thoughts, signed or encrypted */
  encoder(model: string, id: string, seal: string): Encoder
  /** The provider's usual body for an HTTP error. */
  errorBody(status: number, message: string | undefined): unknown
  /** The body of its 400 for a request that holds what bears another seal, or lacks its own; `undefined`: it is taken. */
  refusal?(model: string, body: Readonly<Record<string, unknown>>, seal: string): unknown
  read(body: Readonly<Record<string, unknown>>): Conversation
}
