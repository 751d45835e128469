import type { CircuitRecord } from "../../core/circuit.ts"
import type { AccountLimits, JournalEntry } from "../../store/store.ts"

/** What the shared store holds at one moment. */
export type HealthSnapshot = {
  readonly circuits: readonly CircuitRecord[]
  /** Newest first. */
  readonly journal: readonly JournalEntry[]
  readonly limits: readonly AccountLimits[]
}
