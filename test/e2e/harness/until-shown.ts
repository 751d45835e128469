import type { UntilShown } from "../../simulator/index.ts"
import type { EventLog } from "./event-log.ts"

/** A piece of an answer is shown when clients are told of it; OpenCode 2 tells of several at once. */
export function untilShown(events: EventLog): UntilShown {
  return async (piece, sinceMs) => {
    await events.waitFor(
      ({ atMs, properties }) => atMs >= sinceMs && String(properties["delta"]).endsWith(piece),
    )
  }
}
