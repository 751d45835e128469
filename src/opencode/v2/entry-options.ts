import { sameModel } from "../../core/model-ref.ts"
import type { Failover } from "../../failover/failover.ts"
import type { Sessions } from "../../turn/sessions.ts"
import type { ContextEvent } from "./context.ts"
import { keyOf } from "./model-reference.ts"

/** What the chain's entry says of the model in use beyond the model itself: temperature and the like. */
export function createEntryOptions(
  failover: Pick<Failover, "chain">,
  sessions: Pick<Sessions, "turn">,
): (event: ContextEvent) => void {
  return ({ sessionID, model, options }) => {
    const turn = sessions.turn(sessionID)
    const key = keyOf(model)
    if (!turn || sameModel(key, turn.own.model)) return
    const entry = failover.chain(turn).entries.find((candidate) => sameModel(candidate.model, key))
    if (entry?.temperature !== undefined) options["temperature"] = entry.temperature
    if (entry?.top_p !== undefined) options["topP"] = entry.top_p
    if (entry?.max_tokens !== undefined) options["maxTokens"] = entry.max_tokens
  }
}
