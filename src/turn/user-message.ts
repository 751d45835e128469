import type { ModelRef } from "../core/model-ref.ts"
import type { Carried } from "./turn.ts"

/** A user message as OpenCode hands it to `chat.message` and `chat.headers`. */
export type UserMessage = Carried & {
  readonly id: string
  readonly model: ModelRef
}

export type Attachments = { readonly images: boolean; readonly pdf: boolean; readonly allSynthetic: boolean }
