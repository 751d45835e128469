import { plainCallIDs, shortCallID } from "../../../host/short-call-id.ts"
import type { ContextEvent, ContextMessage } from "../host/context.ts"

/**
 * What a provider has run itself, such as a web search, stands in the history in a shape that OpenCode cannot give to
 * most others: not even a request is made (2.0.15). Another provider's model goes on with the text that came of it.
 */
export function dropProviderCalls({ messages = [] }: Pick<ContextEvent, "messages">): void {
  const kept = messages.filter((message) => {
    const { content } = message
    if (!Array.isArray(content) || !content.some(isProviderCall)) return true
    message.content = content.filter((part) => !isProviderCall(part))
    return message.content.length > 0
  })
  messages.splice(0, messages.length, ...kept)
}

/** Longer ids OpenAI's responses refuse, and OpenCode passes on what another model has given its call (2.0.15). */
const plainCallID = /^.{0,64}$/s

/** Of all models, since nothing says whose a call is. */
export function shortenCallIDs({ model, messages = [] }: Pick<ContextEvent, "model" | "messages">): void {
  const plainID = plainCallIDs(`${model.providerID}/${model.id}`, plainCallID)
  const isForeign = ({ type, id }: Part): boolean =>
    (type === "tool-call" || type === "tool-result") && typeof id === "string" && !plainID.test(id)
  for (const message of messages)
    if (message.content?.some(isForeign))
      message.content = message.content.map((part) =>
        isForeign(part) ? { ...part, id: shortCallID(String(part.id)) } : part,
      )
}

type Part = NonNullable<ContextMessage["content"]>[number]

function isProviderCall({ providerExecuted }: Part): boolean {
  return providerExecuted === true
}
