import type { EntryInUse } from "../../failover/entry-in-use.ts"
import type { ContextEvent } from "./context.ts"
import { keyOf } from "./model-reference.ts"

/** Puts what the chain's entry says of the model in use into the options of the request. */
export function createEntryOptions(entryInUse: EntryInUse): (event: ContextEvent) => void {
  return ({ sessionID, model, options }) => {
    const entry = entryInUse(sessionID, keyOf(model))
    if (entry?.temperature !== undefined) options["temperature"] = entry.temperature
    if (entry?.top_p !== undefined) options["topP"] = entry.top_p
    if (entry?.max_tokens !== undefined) options["maxTokens"] = entry.max_tokens
  }
}
