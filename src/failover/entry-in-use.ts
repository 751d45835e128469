import { type FallbackEntry, type ModelKey, sameModel } from "../core/model-ref.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { Failover } from "./failover.ts"

/**
 * What the chain says of a model that stands in, beyond the model itself: temperature and the like.
 *
 * @returns `undefined` for the turn's own model, and for one that stands in no chain
 */
export type EntryInUse = (sessionID: string, model: ModelKey) => FallbackEntry | undefined

export function createEntryInUse(
  failover: Pick<Failover, "chain">,
  sessions: Pick<Sessions, "turn">,
): EntryInUse {
  return (sessionID, model) => {
    const turn = sessions.turn(sessionID)
    if (!turn || sameModel(model, turn.own.model)) return undefined
    return failover.chain(turn).entries.find((entry) => sameModel(entry.model, model))
  }
}
