import { asArray, field, text } from "../../../core/json-object.ts"
import { type Attachments, attachmentsOf } from "../../../turn/user-message.ts"
import type { ContextEvent, PromptEvent } from "./context.ts"

export function promptAttachments({ prompt }: PromptEvent): Attachments {
  const uris = (prompt.files ?? []).map(({ uri }) => uri.toLowerCase())
  return {
    images: uris.some((uri) => /^data:image\/|\.(?:png|jpe?g|gif|webp|bmp)$/.test(uri)),
    pdf: uris.some((uri) => /^data:application\/pdf|\.pdf$/.test(uri)),
  }
}

/** Of all prompts of the conversation, and of what its tools have returned. */
export function contextAttachments({ messages = [] }: Pick<ContextEvent, "messages">): Attachments {
  return attachmentsOf(messages.flatMap(({ content }) => asArray(content)).flatMap(mediaTypes))
}

function mediaTypes(part: unknown): readonly (string | undefined)[] {
  if (text(part, "type") === "media") return [text(field(field(part, "media"), "source"), "mediaType")]
  return asArray(field(field(part, "result"), "value")).map((file) => text(file, "mime"))
}
