import { asArray, field, text } from "../../../core/json-object.ts"
import { type Attachments, attachmentsOf, type UserMessage } from "../../../turn/user-message.ts"
import { readModelRef } from "./read-model-ref.ts"

/** Reads a user message of OpenCode; `undefined` for a shape we do not know. */
export function readUserMessage(message: unknown): UserMessage | undefined {
  const id = text(message, "id")
  const agent = text(message, "agent")
  const named = field(message, "model")
  const model = readModelRef(named)
  if (id === undefined || agent === undefined || model === undefined) return undefined
  return {
    id,
    agent,
    model,
    variant: text(named, "variant"),
    usesTools: field(field(message, "tools"), "*") !== false,
    isStructured: text(field(message, "format"), "type") === "json_schema",
  }
}

/** Of the prompt and of what tools have returned, as far as OpenCode still sends that. */
export function readAttachments(parts: readonly unknown[]): Attachments {
  return attachmentsOf(
    parts.flatMap((part) => (text(part, "type") === "tool" ? returnedFiles(part) : [part])).map(typeOfFile),
  )
}

function returnedFiles(part: unknown): readonly unknown[] {
  const state = field(part, "state")
  const isPruned = field(field(state, "time"), "compacted") !== undefined
  return isPruned ? [] : asArray(field(state, "attachments"))
}

function typeOfFile(part: unknown): string | undefined {
  return text(part, "type") === "file" ? text(part, "mime") : undefined
}

/** Nobody has picked the model of such a message: the plugin has copied that of the newest one, which may be lent. */
export function isAddedByPlugin(parts: readonly unknown[]): boolean {
  const isHidden = (part: unknown): boolean =>
    field(part, "synthetic") === true || field(part, "ignored") === true
  return parts.length > 0 && parts.every(isHidden)
}

/** What somebody has written, without what OpenCode has put in beside it. */
export function textsOf(parts: unknown): readonly string[] {
  return asArray(parts).flatMap((part: unknown) =>
    text(part, "type") === "text" && field(part, "synthetic") !== true ? [text(part, "text") ?? ""] : [],
  )
}
