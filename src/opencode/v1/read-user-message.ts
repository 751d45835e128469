import { field, text } from "../../core/read-field.ts"
import type { Attachments, UserMessage } from "../../turn/user-message.ts"

/** Reads a user message of OpenCode; `undefined` for a shape we do not know. */
export function readUserMessage(message: unknown): UserMessage | undefined {
  const id = text(message, "id")
  const agent = text(message, "agent")
  const model = field(message, "model")
  const providerID = text(model, "providerID")
  const modelID = text(model, "modelID")
  if (id === undefined || agent === undefined || providerID === undefined || modelID === undefined)
    return undefined
  return {
    id,
    agent,
    model: { providerID, modelID },
    variant: text(model, "variant"),
    usesTools: field(field(message, "tools"), "*") !== false,
    isStructured: text(field(message, "format"), "type") === "json_schema",
  }
}

export function readAttachments(parts: readonly unknown[]): Attachments {
  const types = parts.flatMap((part) => (text(part, "type") === "file" ? [text(part, "mime") ?? ""] : []))
  return {
    images: types.some((mime) => mime.startsWith("image/")),
    pdf: types.includes("application/pdf"),
  }
}
