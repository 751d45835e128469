import { circuitState, giveBackProbe, takeProbe } from "../core/circuit.ts"
import type { ProbeAnswer, Store } from "./store.ts"

/** The two methods that every adapter has in common: what is atomic about them is `updateCircuit`. */
export function probes(
  store: Pick<Store, "circuit" | "updateCircuit">,
): Pick<Store, "takeProbe" | "giveBackProbe"> {
  return {
    takeProbe(key, now): ProbeAnswer {
      // Most circuits are closed: no write, no lock.
      if (circuitState(store.circuit(key), now).state !== "half-open") return { state: "not-needed" }
      let isTaken = false
      const after = store.updateCircuit(key, (before) => {
        const probed = before && takeProbe(before, now)
        isTaken = probed !== undefined
        return probed ?? before
      })
      if (!after) return { state: "not-needed" }
      const until = after.probeUntil ?? after.until
      return isTaken ? { state: "taken", probe: { key, until } } : { state: "busy", until }
    },
    giveBackProbe({ key, until }) {
      store.updateCircuit(key, (before) => before && giveBackProbe(before, until))
    },
  }
}
