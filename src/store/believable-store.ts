import { BoundedMap } from "../core/bounded-map.ts"
import { believableCircuit, type CircuitKey, type CircuitRecord } from "../core/circuit.ts"
import { probes } from "./probes.ts"
import { type Store, storeBounds } from "./store.ts"

export type BelieverClock = { readonly now: () => number; readonly longestCooldownMs: number }

/** Tells of each record as much as can be believed at the time of reading. */
export function createBeliever({
  now,
  longestCooldownMs,
}: BelieverClock): (record: CircuitRecord) => CircuitRecord {
  /** When a record that lies ahead was first met: a rest counted from each reading would never end. */
  const met = new BoundedMap<CircuitKey, { readonly record: CircuitRecord; readonly at: number }>(
    storeBounds.circuits,
  )
  return (record) => {
    const known = met.get(record.key)
    const isKnown = known?.record.until === record.until && known.record.failedAt === record.failedAt
    const at = isKnown ? known.at : now()
    const circuit = believableCircuit(record, { metAt: at, now: now(), longestCooldownMs })
    if (circuit !== record && !isKnown) met.set(record.key, { record, at })
    return circuit
  }
}

/**
 * A store whose circuits are believed only as far as this machine's clock and settings allow it. Times that lie
 * too far ahead come from a clock that was put back since, or from another machine's that is wrong.
 */
export function believableStore(store: Store, clock: BelieverClock): Store {
  const believe = createBeliever(clock)
  const believed = (record: CircuitRecord | undefined) => record && believe(record)
  const circuit: Store["circuit"] = (key) => believed(store.circuit(key))
  const updateCircuit: Store["updateCircuit"] = (key, change) =>
    store.updateCircuit(key, (before) => {
      const seen = believed(before)
      const after = change(seen)
      // Left as it is means: no write.
      return after === seen ? before : after
    })
  return {
    ...store,
    circuit,
    circuits: () => store.circuits().map(believe),
    updateCircuit: (key, change) => believed(updateCircuit(key, change)),
    ...probes({ circuit, updateCircuit }),
  }
}
