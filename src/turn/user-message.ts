import type { ModelRef } from "../core/model-ref.ts"

/** The message that a step answers. */
export type StepMessage = {
  readonly id: string
  readonly agent: string
  readonly model: ModelRef
  readonly variant?: string | undefined
}

/** What we read of a user message, as OpenCode hands it to `chat.message` and `chat.headers`. */
export type UserMessage = StepMessage & {
  /** Whether the turn may use tools. */
  readonly usesTools: boolean
  /** The answer must follow a JSON schema: OpenCode ends such a turn with a tool call. */
  readonly isStructured: boolean
}

export type Attachments = { readonly images: boolean; readonly pdf: boolean }

/** What files of these media types ask of a model. */
export function attachmentsOf(types: readonly (string | undefined)[]): Attachments {
  return {
    images: types.some((type) => type?.startsWith("image/")),
    pdf: types.includes("application/pdf"),
  }
}
