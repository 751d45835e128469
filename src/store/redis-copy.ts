import { BoundedMap } from "../core/bounded-map.ts"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import { type CircuitEntry, mergedEntry } from "./circuit-entry.ts"
import { newestFirst } from "./journal-order.ts"
import { createMemoryStore } from "./memory-store.ts"
import type { NumberedEntry } from "./redis-messages.ts"
import { type AccountLimits, type SessionRecord, type Store, storeBounds } from "./store.ts"

/** This process's copy of what the server holds: what every read is answered from. */
export type RedisCopy = Pick<
  Store,
  "circuit" | "circuits" | "journal" | "session" | "saveSession" | "forgetSession" | "limits" | "saveLimits"
> & {
  entry(key: CircuitKey): CircuitEntry | undefined
  setEntry(key: CircuitKey, entry: CircuitEntry): void
  /** Takes over what another machine says, as far as it is newer. */
  mergeEntry(key: CircuitKey, entry: CircuitEntry): void
  addNumbered(numbered: NumberedEntry): void
  /** Takes over another machine's session record unless the one here is newer. */
  mergeSession(record: SessionRecord): void
  /** Takes over another machine's record unless the one here is newer. */
  mergeLimits(record: AccountLimits): void
}

export function createRedisCopy(now: () => number): RedisCopy {
  const entries = new Map<CircuitKey, CircuitEntry>()
  const journal = new BoundedMap<string, NumberedEntry>(storeBounds.journalEntries)
  // Bounds sessions and limits as the port asks for.
  const memory = createMemoryStore({ now })

  const setEntry = (key: CircuitKey, entry: CircuitEntry): void => {
    entries.set(key, entry)
    if (entries.size > storeBounds.circuits) entries.delete(oldestKey(entries))
  }
  const recordOf = (key: CircuitKey): CircuitRecord | undefined => entries.get(key)?.record ?? undefined

  return {
    circuit: recordOf,
    circuits: () => [...entries.values()].flatMap((entry) => entry.record ?? []),
    entry: (key) => entries.get(key),
    setEntry,
    mergeEntry(key, entry) {
      const before = entries.get(key)
      setEntry(key, before ? mergedEntry(before, entry) : entry)
    },
    addNumbered: (numbered) => journal.set(numbered.id, numbered),
    journal(query) {
      const inOrder = [...journal.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const appended = inOrder.map(({ entry }) => entry)
      return newestFirst(appended, query, now())
    },
    session: (sessionID) => memory.session(sessionID),
    saveSession: (record) => memory.saveSession(record),
    mergeSession(record) {
      const before = memory.session(record.sessionID)
      if (!before || before.updatedAt <= record.updatedAt) memory.saveSession(record)
    },
    forgetSession: (sessionID) => memory.forgetSession(sessionID),
    limits: () => memory.limits(),
    saveLimits: (record) => memory.saveLimits(record),
    mergeLimits(record) {
      const before = memory.limits().find(({ account }) => account === record.account)
      if (!before || before.updatedAt <= record.updatedAt) memory.saveLimits(record)
    },
  }
}

/** Deleted circuits and old failures go first, circuits held by hand last. */
export function ageScore(entry: CircuitEntry): number {
  return entry.record?.held ? Number.MAX_SAFE_INTEGER : entry.at
}

function oldestKey(entries: ReadonlyMap<CircuitKey, CircuitEntry>): CircuitKey {
  const all = [...entries]
  const [first] = all.reduce((oldest, candidate) =>
    ageScore(candidate[1]) < ageScore(oldest[1]) ? candidate : oldest,
  )
  return first
}
