import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { AccountLimits, JournalEntry } from "../store/store.ts"

/** All that the panel is made of. */
export type PanelFacts = {
  /** The model that the user chose; `undefined` before the first prompt. */
  readonly own: ModelKey | undefined
  readonly inUse: ModelKey | undefined
  /** Fallback models in order; empty when none are set or none are known here. */
  readonly chain: readonly ModelKey[]
  readonly circuit: (key: CircuitKey) => CircuitRecord | undefined
  /** The session's own journal, newest first. */
  readonly journal: readonly JournalEntry[]
  /** What is on record of providers' keys. */
  readonly keys: readonly CircuitRecord[]
  readonly limits: readonly AccountLimits[]
  /** A model as OpenCode calls it: "Claude Opus 4.5". */
  readonly nameOf: (model: ModelKey) => string
  /** Milliseconds since 1970. */
  readonly now: number
  /** A moment as people read it: `14:32`. */
  readonly clock: (at: number) => string
}

/** The records that are about keys. */
export function keysAmong(circuits: Iterable<CircuitRecord>): readonly CircuitRecord[] {
  return [...circuits].filter(({ keyNumber }) => keyNumber !== undefined)
}
