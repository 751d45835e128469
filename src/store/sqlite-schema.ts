import type { Database } from "bun:sqlite"

/**
 * One entry for each version; entry 0 leads from an empty file to version 1. Entries are never changed once
 * released. The records are JSON texts; the columns beside them exist only to find what is to be pruned.
 */
const migrations: readonly string[] = [
  `CREATE TABLE circuits (key TEXT PRIMARY KEY, record TEXT NOT NULL, failed_at INTEGER NOT NULL, held INTEGER NOT NULL) WITHOUT ROWID;
   CREATE TABLE sessions (session_id TEXT PRIMARY KEY, record TEXT NOT NULL, updated_at INTEGER NOT NULL) WITHOUT ROWID;
   CREATE INDEX sessions_by_age ON sessions (updated_at);
   CREATE TABLE journal (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, entry TEXT NOT NULL);
   CREATE INDEX journal_by_age ON journal (at);`,
  `CREATE TABLE limits (account TEXT PRIMARY KEY, record TEXT NOT NULL, updated_at INTEGER NOT NULL) WITHOUT ROWID;`,
]

export const schemaVersion = migrations.length

/** The file was written by a newer release, whose rules this one does not know: it must not be touched. */
class NewerSchemaError extends Error {
  override readonly name = "NewerSchemaError"
  constructor(found: number) {
    super(`it has schema version ${found}, this release knows up to ${schemaVersion}`)
  }
}

function versionOf(database: Database): number {
  return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0
}

/**
 * Brings the file to {@link schemaVersion}. Of several processes that start at once one migrates; the
 * version is read again behind the write lock, so that the others find the work done.
 *
 * @throws NewerSchemaError
 */
export function migrate(database: Database): void {
  if (versionOf(database) === schemaVersion) return
  const step = database.transaction(() => {
    const version = versionOf(database)
    if (version > schemaVersion) throw new NewerSchemaError(version)
    for (const migration of migrations.slice(version)) database.run(migration)
    database.run(`PRAGMA user_version = ${schemaVersion}`)
  })
  step.immediate()
}
