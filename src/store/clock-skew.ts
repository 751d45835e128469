import { BoundedMap } from "../core/bounded-map.ts"
import { type CircuitKey, type CircuitRecord, probeLeaseMs } from "../core/circuit.ts"
import { probes } from "./probes.ts"
import { type Store, storeBounds } from "./store.ts"

type SkewBounds = { readonly now: () => number; readonly longestCooldownMs: number }

/** Cuts each record to what this clock and the settings allow at the time of reading. */
export function createSkewGuard({ now, longestCooldownMs }: SkewBounds) {
  /** When a record that lies ahead was first seen: a cooldown counted from each reading would never end. */
  const firstSeen = new BoundedMap<CircuitKey, { readonly record: CircuitRecord; readonly at: number }>(
    storeBounds.circuits,
  )
  return (record: CircuitRecord): CircuitRecord => {
    const known = firstSeen.get(record.key)
    const isKnown = known?.record.until === record.until && known.record.failedAt === record.failedAt
    const at = isKnown ? known.at : now()
    const circuit = circuitWithoutSkew(record, { firstSeenAt: at, now: now(), longestCooldownMs })
    if (circuit !== record && !isKnown) firstSeen.set(record.key, { record, at })
    return circuit
  }
}

/**
 * A store whose circuits reach only as far ahead as this machine's clock and settings allow. Times beyond that come
 * from a clock that was set back since, or from another machine's that is wrong.
 */
export function withoutClockSkew(store: Store, clock: SkewBounds): Store {
  const guard = createSkewGuard(clock)
  const guarded = (record: CircuitRecord | undefined) => record && guard(record)
  const circuit: Store["circuit"] = (key) => guarded(store.circuit(key))
  const updateCircuit: Store["updateCircuit"] = (key, change) =>
    store.updateCircuit(key, (before) => {
      const seen = guarded(before)
      const after = change(seen)
      // Left as it is means: no write.
      return after === seen ? before : after
    })
  return {
    ...store,
    circuit,
    circuits: () => store.circuits().map(guard),
    updateCircuit: (key, change) => guarded(updateCircuit(key, change)),
    ...probes({ circuit, updateCircuit }),
  }
}

/**
 * The record as far as a clock can believe it, or the same object where nothing is wrong with it. A failure lies
 * in the past, a cooldown lasts no longer than it was written to last and no longer than the longest cooldown, and a
 * probe no longer than its lease. With a cooldown that is not believed goes what the provider has said of its return. What
 * a person holds stays held.
 *
 * @param firstSeenAt when the record was first read as it is; milliseconds since 1970
 */
export function circuitWithoutSkew(
  record: CircuitRecord,
  clock: { readonly firstSeenAt: number; readonly now: number; readonly longestCooldownMs: number },
): CircuitRecord {
  if (record.held) return record
  const cooldownMs = Math.min(Math.max(record.until - record.failedAt, 0), clock.longestCooldownMs)
  const until = Math.min(record.until, clock.firstSeenAt + cooldownMs)
  const failedAt = Math.min(record.failedAt, clock.firstSeenAt)
  const isProbePlausible = (record.probeUntil ?? 0) <= clock.now + probeLeaseMs
  if (until === record.until && failedAt === record.failedAt && isProbePlausible) return record
  const { probeUntil, toldBackAt, ...rest } = { ...record, until, failedAt }
  return {
    ...rest,
    ...(toldBackAt !== undefined && until === record.until && { toldBackAt }),
    ...(probeUntil !== undefined && isProbePlausible && { probeUntil }),
  }
}
