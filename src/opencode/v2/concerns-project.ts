import { BoundedMap } from "../../core/bounded-map.ts"
import { text } from "../../core/read-field.ts"
import type { BusEvent } from "./context.ts"

const mostSessions = 2_000

/**
 * Whether an event of the process's bus concerns a project. Many events of a session name no place, a switch of ours
 * among them: they concern the project that the session was last seen in, or anyone where it was seen in none.
 */
export function createConcernsProject(directory: string): (event: BusEvent) => boolean {
  const elsewhere = new BoundedMap<string, boolean>(mostSessions)
  return ({ data, location }) => {
    const sessionID = text(data, "sessionID")
    const isElsewhere = location?.directory === undefined ? undefined : location.directory !== directory
    if (sessionID === undefined) return isElsewhere !== true
    if (isElsewhere !== undefined) elsewhere.set(sessionID, isElsewhere)
    return elsewhere.get(sessionID) !== true
  }
}
