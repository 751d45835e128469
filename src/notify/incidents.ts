import { BoundedMap } from "../core/bounded-map.ts"
import { processWide } from "../turn/process-wide.ts"

/** Makes one toast of what many sessions run into at the same time. */
export type Incidents = {
  /**
   * @param until when the incident is over at the latest, milliseconds since 1970
   * @returns whether it is new; a known one that has not ended says `false`
   */
  readonly open: (key: string, until: number) => boolean
}

const mostIncidents = 500

export function createIncidents(now: () => number): Incidents {
  const known = processWide("incidents@1", () => new BoundedMap<string, number>(mostIncidents))
  return {
    open: (key, until) => {
      const end = known.get(key)
      if (end !== undefined && now() < end) return false
      known.set(key, until)
      return true
    },
  }
}
