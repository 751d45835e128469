import { Database } from "bun:sqlite"
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { reasonOf } from "../config/reason-of.ts"
import { DamagedFileError, sqliteTrouble } from "./sqlite-error.ts"
import { type SqliteTables, sqliteTables } from "./sqlite-tables.ts"
import type { StoreLog } from "./store.ts"

/** How long a call may wait for another process's write lock. It blocks the request, so it is short. */
const requestBusyMs = 25
/** How long opening may wait for others that start and migrate at once, and how often it tries: OpenCode waits. */
const openBusyMs = 10
const openAttempts = 2

export type SqliteFile = {
  readonly tables: SqliteTables
  /** False once the file at the path is another one: removed by a person, or set aside by another process. */
  isCurrent(): boolean
  close(): void
}

export type OpenedSqliteFile =
  | { readonly state: "open"; readonly file: SqliteFile }
  | { readonly state: "busy" }
  | { readonly state: "refused"; readonly reason: string }

/** Opens, checks and migrates the file. A damaged one is renamed and a fresh one takes its place. */
export function openSqliteFile(path: string, now: () => number, log: StoreLog): OpenedSqliteFile {
  for (let attempt = 1; attempt <= openAttempts; attempt++) {
    const seen = inodeOf(path)
    try {
      makePrivate(path, log)
      return { state: "open", file: connect(path, now) }
    } catch (error) {
      const reason = reasonOf(error)
      const trouble = sqliteTrouble(error)
      if (trouble === "busy") Bun.sleepSync(10)
      else if (trouble !== "damaged") return { state: "refused", reason }
      else if (!setAside(path, seen, now(), reason, log)) return { state: "refused", reason }
    }
  }
  return { state: "busy" }
}

/**
 * Renames a damaged file and what belongs to it. The log files first: a fresh database that found the old
 * `-wal` would replay it.
 *
 * @returns false when the file cannot be renamed. True, without a change, when another process was quicker
 * and the file at the path is no longer the one that was `seen`.
 */
function setAside(
  path: string,
  seen: number | undefined,
  now: number,
  reason: string,
  log: StoreLog,
): boolean {
  if (inodeOf(path) !== seen) return true
  const aside = `${path}.corrupt-${new Date(now).toISOString().replaceAll(/[:.]/g, "-")}`
  try {
    for (const suffix of ["-wal", "-shm", ""])
      if (inodeOf(path + suffix) !== undefined) renameSync(path + suffix, aside + suffix)
  } catch (error) {
    log("warn", `${path} is damaged (${reason}) and cannot be set aside: ${String(error)}`)
    return false
  }
  log("warn", `${path} was damaged (${reason}); it is now ${aside} and a fresh file took its place`)
  return true
}

function connect(path: string, now: () => number): SqliteFile {
  const database = new Database(path)
  try {
    database.run(`PRAGMA busy_timeout = ${openBusyMs}`)
    // Switching takes a lock that no busy timeout waits for; the mode is kept in the file, so ask first.
    const mode = database.query<{ journal_mode: string }, []>("PRAGMA journal_mode").get()?.journal_mode
    if (mode !== "wal") database.run("PRAGMA journal_mode = WAL")
    // In WAL mode NORMAL is safe against kill -9; only a power cut may lose the newest writes.
    database.run("PRAGMA synchronous = NORMAL")
    const check = database.query<{ quick_check: string }, []>("PRAGMA quick_check(1)").get()?.quick_check
    if (check !== "ok") throw new DamagedFileError(check ?? "no answer")
    migrate(database)
    const tables = sqliteTables(database, now)
    database.run(`PRAGMA busy_timeout = ${requestBusyMs}`)
    const inode = inodeOf(path)
    return { tables, isCurrent: () => inodeOf(path) === inode, close: () => database.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

/**
 * Modes before content: SQLite gives the `-wal` and `-shm` files the mode of the main file. The file is
 * only ever created here, never opened when it exists: closing any descriptor of an SQLite file drops the
 * locks that another connection of this process holds (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
function makePrivate(path: string, log: StoreLog): void {
  const folder = dirname(path)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (inodeOf(path) === undefined) closeSync(openSync(path, "a", 0o600))
  if (process.platform === "win32") return
  for (const [target, mode] of [
    [folder, 0o700],
    [path, 0o600],
  ] as const) {
    if ((statSync(target).mode & 0o777 & ~mode) === 0) continue
    try {
      chmodSync(target, mode)
    } catch (error) {
      log("warn", `${target} can be read by others and its mode cannot be changed: ${String(error)}`)
    }
  }
}

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino
  } catch {
    // It is missing, a file stands where the folder should be, or the folder may not be entered: opening will say why.
    return undefined
  }
}

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
function migrate(database: Database): void {
  if (versionOf(database) === schemaVersion) return
  const step = database.transaction(() => {
    const version = versionOf(database)
    if (version > schemaVersion) throw new NewerSchemaError(version)
    for (const migration of migrations.slice(version)) database.run(migration)
    database.run(`PRAGMA user_version = ${schemaVersion}`)
  })
  step.immediate()
}
