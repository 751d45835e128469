import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import type { SqliteTables } from "./sqlite-tables.ts"
import type { AccountLimits, JournalEntry, SessionRecord } from "./store.ts"

export type StoreWrite =
  | {
      readonly type: "circuit"
      readonly key: CircuitKey
      readonly change: (before: CircuitRecord | undefined) => CircuitRecord | undefined
    }
  | { readonly type: "journal"; readonly entry: JournalEntry }
  | { readonly type: "session"; readonly sessionID: string; readonly record: SessionRecord | undefined }
  | { readonly type: "limits"; readonly record: AccountLimits }

/** @returns the circuit's record afterwards; `undefined` for every other write */
export function applyWrite(target: SqliteTables, write: StoreWrite): CircuitRecord | undefined {
  if (write.type === "circuit") return target.updateCircuit(write.key, write.change)
  if (write.type === "journal") target.appendJournal(write.entry)
  else if (write.type === "limits") target.saveLimits(write.record)
  else if (write.record) target.saveSession(write.record)
  else target.forgetSession(write.sessionID)
  return undefined
}

/** Writes that wait for a lock; more than this many means that the lock will hardly come back. */
export const longestQueue = 256

/** What `key` will be once the waiting writes are done. */
export function withPendingCircuit(
  pending: readonly StoreWrite[],
  key: CircuitKey,
  record: CircuitRecord | undefined,
): CircuitRecord | undefined {
  return pending.reduce(
    (before, write) => (write.type === "circuit" && write.key === key ? write.change(before) : before),
    record,
  )
}

/** @returns `found: false` when no write about this session waits */
export function pendingSession(
  pending: readonly StoreWrite[],
  sessionID: string,
): { readonly found: boolean; readonly record?: SessionRecord | undefined } {
  const last = pending.findLast((write) => write.type === "session" && write.sessionID === sessionID)
  return last?.type === "session" ? { found: true, record: last.record } : { found: false }
}
