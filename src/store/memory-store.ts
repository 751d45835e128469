import { BoundedMap } from "../core/bounded-map.ts"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import { boundedEntry, newestFirst } from "./journal-order.ts"
import { probes } from "./probes.ts"
import {
  type AccountLimits,
  type JournalEntry,
  type SessionRecord,
  type Store,
  storeBounds,
} from "./store.ts"

/**
 * Keeps everything in this process and forgets it at its end. Also what the other adapters go on with when
 * they lose their medium.
 */
export function createMemoryStore({ now }: { readonly now: () => number }): Store {
  const circuits = new Map<CircuitKey, CircuitRecord>()
  const sessions = new BoundedMap<string, SessionRecord>(storeBounds.sessions)
  const limits = new BoundedMap<string, AccountLimits>(storeBounds.accounts)
  const journal: JournalEntry[] = []

  const circuit: Store["circuit"] = (key) => circuits.get(key)
  const updateCircuit: Store["updateCircuit"] = (key, change) => {
    const after = change(circuits.get(key))
    if (after === undefined) circuits.delete(key)
    else circuits.set(key, after)
    if (circuits.size > storeBounds.circuits) circuits.delete(leastWorth(circuits))
    return after
  }
  return {
    name: "memory",
    ready: Promise.resolve(),
    circuit,
    circuits: () => [...circuits.values()],
    updateCircuit,
    ...probes({ circuit, updateCircuit }),
    appendJournal(entry) {
      journal.push(boundedEntry(entry))
      if (journal.length > storeBounds.journalEntries) journal.shift()
    },
    journal: (query) => newestFirst(journal, query, now()),
    session(sessionID) {
      const record = sessions.get(sessionID)
      return record && record.updatedAt >= now() - storeBounds.sessionAgeMs ? record : undefined
    },
    saveSession: (record) => sessions.set(record.sessionID, record),
    forgetSession(sessionID) {
      sessions.delete(sessionID)
    },
    limits: () => [...limits.values()],
    saveLimits: (record) => limits.set(record.account, record),
    flushed: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}

/** The oldest failure; circuits that a person holds open go last. */
function leastWorth(circuits: ReadonlyMap<CircuitKey, CircuitRecord>): CircuitKey {
  return [...circuits.values()].reduce((least, record) => {
    if (least.held !== record.held) return least.held ? record : least
    return record.failedAt < least.failedAt ? record : least
  }).key
}
