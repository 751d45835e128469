import { commandDescription, commandName } from "../../command/command-entry.ts"
import { asArray, field, text } from "../../core/json-object.ts"
import type { FetchInit } from "../../transport/fetch-arguments.ts"
import { hasGoodEnd } from "./host/half-made-calls.ts"

/** Marks the message of our own command, in OpenCode's database too, so that no model ever sees it. */
const commandMetadata = { understudy: "command" } as const

/** The definition that OpenCode lists; a user's own command of that name is left alone. */
export const commandDefinition = {
  template: "$ARGUMENTS",
  description: commandDescription,
} as const

/**
 * Puts our marked part in the place of what OpenCode made of the command. `synthetic` keeps OpenCode from
 * asking a model for a title, `ignored` keeps the text from models even when this plugin is gone.
 */
export function markCommandParts(parts: unknown[], argumentsText: string): void {
  parts.splice(0, parts.length, {
    type: "text",
    text: `/${commandName} ${argumentsText}`.trim(),
    synthetic: true,
    ignored: true,
    metadata: { ...commandMetadata },
  })
}

/** The arguments of our command, if these are the parts of its message. */
export function commandArguments(parts: readonly unknown[]): string | undefined {
  const part = parts.find(isCommandPart)
  return part === undefined ? undefined : (text(part, "text") ?? "").replace(/^\/\S+\s*/, "")
}

/**
 * Takes our commands and their answers out of the conversation before a model sees it: of what answers a command the
 * first alone is ours, and behind it goes on the turn that it was thrown into. Changes the list in place, because
 * OpenCode goes on with the very same one.
 */
export function dropCommandMessages(messages: unknown[]): void {
  const commands = new Set(
    messages.filter((message) => asArray(field(message, "parts")).some(isCommandPart)).map(messageID),
  )
  const unanswered = new Set(commands)
  const kept = messages.filter((message) => {
    const isReply = unanswered.delete(text(field(message, "info"), "parentID"))
    return !isReply && !commands.has(messageID(message))
  })
  messages.splice(0, messages.length, ...kept)
}

/** Whether a model still has to say something in this conversation: to a prompt, or to what its tools have returned. */
export function awaitsAnswer(messages: readonly unknown[]): boolean {
  const info = field(messages.at(-1), "info")
  return text(info, "role") === "user" || hasGoodEnd(info)
}

function isCommandPart(part: unknown): boolean {
  return text(field(part, "metadata"), "understudy") === commandMetadata.understudy
}

function messageID(message: unknown): string | undefined {
  return text(field(message, "info"), "id")
}

/** No provider takes an empty answer for a message. */
const instead = "(settings)"

/**
 * A request for a title without our own answers. OpenCode builds it from everything that stands before the first
 * prompt, and calls no hook that could take them out (1.18.33).
 */
export function hideReplies(init: FetchInit, replies: readonly string[]): FetchInit {
  if (typeof init?.body !== "string" || replies.length === 0) return init
  // As they stand inside of a text in JSON.
  const written = replies.map((reply) => JSON.stringify(reply).slice(1, -1))
  const body = written.reduce((text, reply) => text.replaceAll(reply, instead), init.body)
  return { ...init, body }
}
