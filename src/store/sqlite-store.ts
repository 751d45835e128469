import { newestFirst } from "./journal-order.ts"
import { createMemoryStore } from "./memory-store.ts"
import { probes } from "./probes.ts"
import { connectSqlite } from "./sqlite-connection.ts"
import { createWriteQueue } from "./sqlite-write-queue.ts"
import { type Store, storeBounds, type StoreLog } from "./store.ts"

/**
 * Keeps everything in one SQLite file that all OpenCode processes of a user share. Reads go to the file, so
 * that what another process wrote is seen at once. A write whose lock does not come in time is kept here,
 * shows in this process's reads, and is repeated in the background.
 */
export function createSqliteStore(options: {
  readonly path: string
  readonly now: () => number
  readonly log: StoreLog
}): Store {
  const { path, now, log } = options
  // What this process wrote and read: it goes on with that when the file is lost.
  const known = createMemoryStore({ now })
  const connection = connectSqlite({
    ...options,
    carryOver(tables) {
      for (const record of known.circuits()) tables.updateCircuit(record.key, (before) => before ?? record)
    },
  })
  const queue = createWriteQueue(connection, path, log)

  const store: Omit<Store, "takeProbe" | "giveBackProbe"> = {
    name: "sqlite",
    ready: Promise.resolve(),
    circuit(key) {
      const read = connection.attempt((tables) => tables.circuit(key))
      if (read.state !== "done") return known.circuit(key)
      const waiting = queue.pending("circuit").filter((write) => write.key === key)
      const record = waiting.reduce((before, { change }) => change(before), read.result)
      return known.updateCircuit(key, () => record)
    },
    circuits() {
      const read = connection.attempt((tables) => tables.circuits())
      if (read.state !== "done") return known.circuits()
      const waiting = queue.pending("circuit").map(({ key }) => key)
      if (waiting.length === 0) return read.result
      const keys = new Set([...read.result.map((record) => record.key), ...waiting])
      return [...keys].flatMap((key) => store.circuit(key) ?? [])
    },
    updateCircuit(key, change) {
      const before = store.circuit(key)
      const after = change(before)
      // The healthy path: a success on a closed circuit must not take the write lock.
      if (after === before) return before
      const written = queue.write({ type: "circuit", key, change })
      return known.updateCircuit(key, written.state === "done" ? () => written.result : change)
    },
    appendJournal(entry) {
      known.appendJournal(entry)
      queue.write({ type: "journal", entry })
    },
    journal(query) {
      const read = connection.attempt((tables) =>
        tables.journal({ ...query, limit: storeBounds.journalEntries }),
      )
      if (read.state !== "done") return known.journal(query)
      const waiting = queue.pending("journal").map(({ entry }) => entry)
      return newestFirst([...read.result.toReversed(), ...waiting], query, now())
    },
    session(sessionID) {
      const waiting = queue.pending("session").findLast((write) => write.sessionID === sessionID)
      if (waiting) return waiting.record
      const read = connection.attempt((tables) => tables.session(sessionID))
      if (read.state !== "done") return known.session(sessionID)
      if (read.result) known.saveSession(read.result)
      return read.result
    },
    saveSession(record) {
      known.saveSession(record)
      queue.write({ type: "session", sessionID: record.sessionID, record })
    },
    forgetSession(sessionID) {
      known.forgetSession(sessionID)
      queue.write({ type: "session", sessionID, record: undefined })
    },
    limits() {
      const read = connection.attempt((tables) => tables.limits())
      if (read.state !== "done") return known.limits()
      const waiting = queue.pending("limits").map(({ record }) => record)
      return [...new Map([...read.result, ...waiting].map((record) => [record.account, record])).values()]
    },
    saveLimits(record) {
      known.saveLimits(record)
      queue.write({ type: "limits", record })
    },
    flushed: () => queue.flushed(),
    close() {
      connection.endPause()
      queue.close()
      connection.close()
      return Promise.resolve()
    },
  }
  // Opens the file now and not in the first request; where somebody holds a lock, beside it.
  connection.openSoon()
  return { ...store, ...probes(store) }
}
