import type * as NodeSqlite from "node:sqlite"
import type { CircuitRecord } from "../../core/circuit.ts"
import { field } from "../../core/json-object.ts"
import type { AccountLimits, JournalEntry } from "../../store/store.ts"
import { readCircuit, readStored, storedJournalEntry, storedLimits } from "../../store/stored-values.ts"

/** What the shared store holds at one moment. */
export type HealthSnapshot = {
  readonly circuits: readonly CircuitRecord[]
  /** Newest first. */
  readonly journal: readonly JournalEntry[]
  readonly limits: readonly AccountLimits[]
}

type Rows = (sql: string) => readonly unknown[]

/**
 * Reads the shared file, opened for reading only: a look at it must neither migrate it nor set it aside, and an
 * OpenCode that is running keeps writing meanwhile.
 *
 * @returns `undefined` when this runtime has no SQLite (Node before 22.13)
 * @throws what SQLite throws, for a file that is damaged or no database
 */
export async function readSqlite(path: string): Promise<HealthSnapshot | undefined> {
  const database = await openDatabase(path)
  try {
    database?.exec("PRAGMA busy_timeout = 1000")
    return database && readSnapshot((sql) => database.prepare(sql).all())
  } finally {
    database?.close()
  }
}

function readSnapshot(rows: Rows): HealthSnapshot {
  return {
    circuits: rows("SELECT key, record FROM circuits").flatMap(
      (row) => readCircuit(String(field(row, "key")), field(row, "record")) ?? [],
    ),
    journal: rows("SELECT entry FROM journal ORDER BY at DESC, id DESC").flatMap(
      (row) => readStored(storedJournalEntry, field(row, "entry")) ?? [],
    ),
    limits: hasLimits(rows)
      ? rows("SELECT record FROM limits").flatMap(
          (row) => readStored(storedLimits, field(row, "record")) ?? [],
        )
      : [],
  }
}

/** A file of 0.1.0, which is not migrated by looking at it, has no such table. */
function hasLimits(rows: Rows): boolean {
  return rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'limits'").length > 0
}

async function openDatabase(path: string) {
  if (process.versions.bun !== undefined) {
    const { Database } = await import("bun:sqlite")
    return new Database(path, { readonly: true })
  }
  const sqlite = await nodeSqlite()
  return sqlite && new sqlite.DatabaseSync(path, { readOnly: true })
}

/** Node says on standard error that its SQLite is experimental; that is nothing to the user of this command. */
async function nodeSqlite(): Promise<typeof NodeSqlite | undefined> {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return await import("node:sqlite")
  } catch {
    // ERR_UNKNOWN_BUILTIN_MODULE: before Node 22.13, or 22.5 without its flag.
    return undefined
  } finally {
    process.emitWarning = emitWarning
  }
}
