import type { UntilShown } from "../../simulator/index.ts"
import type { EventLog } from "./event-log.ts"

/** Clients are not told of every piece: of a tool call's input, of what a subagent of OpenCode 1 thinks. */
const LONGEST_WAIT_MS = 1_000

/** A piece of an answer is shown when clients are told of it. */
export function untilShown(events: EventLog): UntilShown {
  return async (piece, sinceMs) => {
    await events
      .waitFor(({ atMs, properties }) => atMs >= sinceMs && properties["delta"] === piece, LONGEST_WAIT_MS)
      .catch(() => undefined)
  }
}
