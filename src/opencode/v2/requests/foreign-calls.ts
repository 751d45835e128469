import { asArray, field } from "../../../core/json-object.ts"
import { type ModelKey, sameModel } from "../../../core/model-ref.ts"
import { plainCallIDs, shortCallID } from "../../../host/short-call-id.ts"
import type { Context, ContextEvent, ContextMessage } from "../host/context.ts"
import { keyOf, readReference } from "../host/model-reference.ts"

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

/**
 * Of other models' calls alone: to the one that gave it an id may say something, as LiteLLM's say what Gemini has
 * thought. Whose a call is only the history says.
 */
export async function shortenCallIDs(
  { session }: { readonly session: Pick<Context["session"], "context"> },
  { sessionID, model, messages = [] }: Pick<ContextEvent, "sessionID" | "model" | "messages">,
): Promise<void> {
  const plainID = plainCallIDs(keyOf(model), plainCallID)
  const isOdd = ({ type, id }: Part): boolean =>
    (type === "tool-call" || type === "tool-result") && typeof id === "string" && !plainID.test(id)
  if (!messages.some(({ content }) => content?.some(isOdd))) return
  const history = asArray(await session.context({ sessionID }))
  const foreign = new Set(history.flatMap((message) => callsOfOthers(message, keyOf(model))))
  const shortened = (part: Part): Part =>
    isOdd(part) && foreign.has(part.id) ? { ...part, id: shortCallID(String(part.id)) } : part
  for (const message of messages)
    if (message.content?.some(isOdd)) message.content = message.content.map(shortened)
}

function callsOfOthers(message: unknown, model: ModelKey): readonly unknown[] {
  const author = readReference(field(message, "model"))
  if (!author || sameModel(keyOf(author), model)) return []
  return asArray(field(message, "content")).map((part) => field(part, "id"))
}

type Part = NonNullable<ContextMessage["content"]>[number]

function isProviderCall({ providerExecuted }: Part): boolean {
  return providerExecuted === true
}
