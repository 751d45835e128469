import { BoundedMap } from "../core/bounded-map.ts"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import { type CircuitEntry, mergedEntry } from "./circuit-entry.ts"
import { newestFirst } from "./journal-order.ts"
import { createMemoryStore } from "./memory-store.ts"
import type { NumberedEntry } from "./redis-messages.ts"
import {
  type AccountLimits,
  type JournalEntry,
  type SessionRecord,
  type Store,
  storeBounds,
} from "./store.ts"

export type RedisCopy = ReturnType<typeof createRedisCopy>

/** This process's copy of what the server holds: what every read is answered from. */
export function createRedisCopy(now: () => number) {
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
    circuits: (): readonly CircuitRecord[] => [...entries.values()].flatMap((entry) => entry.record ?? []),
    entry: (key: CircuitKey): CircuitEntry | undefined => entries.get(key),
    setEntry,
    /** Takes over what another machine says, as far as it is newer. */
    mergeEntry(key: CircuitKey, entry: CircuitEntry): void {
      const before = entries.get(key)
      setEntry(key, before ? mergedEntry(before, entry) : entry)
    },
    addNumbered: (numbered: NumberedEntry): void => journal.set(numbered.id, numbered),
    journal: (query: Parameters<Store["journal"]>[0]): readonly JournalEntry[] => {
      const inOrder = [...journal.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
      const appended = inOrder.map(({ entry }) => entry)
      return newestFirst(appended, query, now())
    },
    session: (sessionID: string): SessionRecord | undefined => memory.session(sessionID),
    saveSession: (record: SessionRecord): void => memory.saveSession(record),
    /** Takes over another machine's record unless the one here is newer. */
    mergeSession(record: SessionRecord): void {
      const before = memory.session(record.sessionID)
      if (!before || before.updatedAt <= record.updatedAt) memory.saveSession(record)
    },
    forgetSession: (sessionID: string): void => memory.forgetSession(sessionID),
    limits: (): readonly AccountLimits[] => memory.limits(),
    saveLimits: (record: AccountLimits): void => memory.saveLimits(record),
    /** The same. */
    mergeLimits(record: AccountLimits): void {
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
