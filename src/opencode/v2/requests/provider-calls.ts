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

type Part = NonNullable<ContextMessage["content"]>[number]

function isProviderCall({ providerExecuted }: Part): boolean {
  return providerExecuted === true
}
