import type { Database } from "bun:sqlite"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import { boundedEntry, newestFirst } from "./journal-order.ts"
import { type JournalEntry, type Store, storeBounds } from "./store.ts"
import { readCircuit, readStored, storedJournalEntry, storedLimits, storedSession } from "./stored-values.ts"

/** The store's reads and writes on an open file. Unlike a {@link Store} these throw what SQLite throws. */
export type SqliteTables = Omit<Store, "name" | "ready" | "flushed" | "close" | "takeProbe" | "giveBackProbe">

type RecordRow = { readonly record: string }

export function sqliteTables(database: Database, now: () => number): SqliteTables {
  return {
    ...circuitTable(database),
    ...journalTable(database, now),
    ...sessionTable(database, now),
    ...limitTable(database),
  }
}

function circuitTable(database: Database): Pick<SqliteTables, "circuit" | "circuits" | "updateCircuit"> {
  const one = database.query<RecordRow, [string]>("SELECT record FROM circuits WHERE key = ?")
  const all = database.query<RecordRow & { readonly key: string }, []>("SELECT key, record FROM circuits")
  const remove = database.query<null, [string]>("DELETE FROM circuits WHERE key = ?")
  const put = database.query<null, [string, string, number, number]>(
    "INSERT OR REPLACE INTO circuits (key, record, failed_at, held) VALUES (?, ?, ?, ?)",
  )
  const prune = database.query<null, []>(
    `DELETE FROM circuits WHERE key IN
       (SELECT key FROM circuits ORDER BY held DESC, failed_at DESC LIMIT -1 OFFSET ${storeBounds.circuits})`,
  )
  const circuit = (key: CircuitKey): CircuitRecord | undefined => readCircuit(key, one.get(key)?.record)
  const update = database.transaction((key: CircuitKey, change: Parameters<Store["updateCircuit"]>[1]) => {
    const before = circuit(key)
    const after = change(before)
    if (after === undefined) remove.run(key)
    else put.run(key, JSON.stringify(after), after.failedAt, after.held ? 1 : 0)
    if (after !== undefined && before === undefined) prune.run()
    return after
  })
  return {
    circuit,
    circuits: () => all.all().flatMap((row) => readCircuit(row.key, row.record) ?? []),
    updateCircuit: (key, change) => update.immediate(key, change),
  }
}

function journalTable(
  database: Database,
  now: () => number,
): Pick<SqliteTables, "journal" | "appendJournal"> {
  const all = database.query<{ readonly entry: string }, [number]>(
    "SELECT entry FROM journal WHERE at >= ? ORDER BY id",
  )
  const insert = database.query<null, [number, string]>("INSERT INTO journal (at, entry) VALUES (?, ?)")
  const prune = database.query<null, [number]>(
    `DELETE FROM journal WHERE at < ? OR id <= (SELECT max(id) FROM journal) - ${storeBounds.journalEntries}`,
  )
  const append = database.transaction((entry: JournalEntry) => {
    insert.run(entry.at, JSON.stringify(entry))
    prune.run(now() - storeBounds.journalAgeMs)
  })
  return {
    appendJournal: (entry) => append.immediate(boundedEntry(entry)),
    journal(query) {
      const rows = all.all(now() - storeBounds.journalAgeMs)
      const entries = rows.flatMap((row) => readStored(storedJournalEntry, row.entry) ?? [])
      return newestFirst(entries, query, now())
    },
  }
}

function sessionTable(
  database: Database,
  now: () => number,
): Pick<SqliteTables, "session" | "saveSession" | "forgetSession"> {
  const one = database.query<RecordRow, [string, number]>(
    "SELECT record FROM sessions WHERE session_id = ? AND updated_at >= ?",
  )
  const remove = database.query<null, [string]>("DELETE FROM sessions WHERE session_id = ?")
  const put = database.query<null, [string, string, number]>(
    "INSERT OR REPLACE INTO sessions (session_id, record, updated_at) VALUES (?, ?, ?)",
  )
  const prune = database.query<null, [number]>(
    `DELETE FROM sessions WHERE updated_at < ? OR session_id IN
       (SELECT session_id FROM sessions ORDER BY updated_at DESC LIMIT -1 OFFSET ${storeBounds.sessions})`,
  )
  const save = database.transaction((record: Parameters<Store["saveSession"]>[0]) => {
    put.run(record.sessionID, JSON.stringify(record), record.updatedAt)
    prune.run(now() - storeBounds.sessionAgeMs)
  })
  return {
    session(sessionID) {
      const record = readStored(storedSession, one.get(sessionID, now() - storeBounds.sessionAgeMs)?.record)
      return record?.sessionID === sessionID ? record : undefined
    },
    saveSession: (record) => save.immediate(record),
    forgetSession: (sessionID) => void remove.run(sessionID),
  }
}

function limitTable(database: Database): Pick<SqliteTables, "limits" | "saveLimits"> {
  const all = database.query<RecordRow, []>("SELECT record FROM limits")
  const put = database.query<null, [string, string, number]>(
    "INSERT OR REPLACE INTO limits (account, record, updated_at) VALUES (?, ?, ?)",
  )
  const prune = database.query<null, []>(
    `DELETE FROM limits WHERE account IN
       (SELECT account FROM limits ORDER BY updated_at DESC LIMIT -1 OFFSET ${storeBounds.accounts})`,
  )
  const save = database.transaction((record: Parameters<Store["saveLimits"]>[0]) => {
    put.run(record.account, JSON.stringify(record), record.updatedAt)
    prune.run()
  })
  return {
    limits: () => all.all().flatMap((row) => readStored(storedLimits, row.record) ?? []),
    saveLimits: (record) => save.immediate(record),
  }
}
