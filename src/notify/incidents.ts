import { BoundedMap } from "../core/bounded-map.ts"
import { type CircuitKey, circuitSubject, modelCircuit } from "../core/circuit.ts"
import type { Store } from "../store/store.ts"
import { processWide } from "../turn/process-wide.ts"

export type Incidents = ReturnType<typeof createIncidents>

const mostIncidents = 500

/**
 * Makes one toast of what many sessions run into at the same time.
 *
 * @param audience who sees the toasts, where that is not everybody: what others were told is news there
 */
export function createIncidents(now: () => number, audience = "") {
  const known = processWide("incidents@2", () => new BoundedMap<string, number>(mostIncidents))
  return {
    /**
     * @param about what has happened; an outage begins with its circuit and a space, see `ended`
     * @param until when the incident is over at the latest, milliseconds since 1970
     * @returns whether it is new; a known one that has not ended says `false`
     */
    open: (about: string, until: number): boolean => {
      const incident = `${about} ${audience}`
      const end = known.get(incident)
      if (end !== undefined && now() < end) return false
      known.set(incident, until)
      return true
    },
    /** The circuit had closed: what fails there from now on is another incident. */
    ended: (circuit: CircuitKey): void => {
      const subject = circuitSubject(circuit)
      const isOfProvider = subject && "providerID" in subject && subject.fingerprint === undefined
      const beginning = isOfProvider ? modelCircuit(`${subject.providerID}/`) : `${circuit} `
      const over = [...known.keys()].filter((about) => about.startsWith(beginning))
      for (const about of over) known.delete(about)
    },
  }
}

/**
 * The same store; a circuit that opens anew ends the incidents from before it closed: that may have been another process's
 * work, of which nobody tells.
 */
export function withIncidents(store: Store, incidents: Incidents): Store {
  return {
    ...store,
    updateCircuit: (key, change) => {
      let wasClosed = false
      const after = store.updateCircuit(key, (before) => {
        wasClosed = before === undefined
        return change(before)
      })
      if (after && wasClosed) incidents.ended(key)
      return after
    },
  }
}
