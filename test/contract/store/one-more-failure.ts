import type { CircuitKey, CircuitRecord } from "../../../src/core/circuit.ts"

export const sharedKey: CircuitKey = "model:test/shared"

/** Counts in `failures`, so that a lost update shows as a count that is too low. */
export function oneMoreFailure(before: CircuitRecord | undefined): CircuitRecord {
  const failures = (before?.failures ?? 0) + 1
  return { key: sharedKey, failures, kind: "server_error", failedAt: failures, until: failures + 60_000 }
}
