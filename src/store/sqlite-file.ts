import { Database } from "bun:sqlite"
import { chmodSync, closeSync, mkdirSync, openSync, renameSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { DamagedFileError, sqliteTrouble } from "./sqlite-error.ts"
import { migrate } from "./sqlite-schema.ts"
import { type SqliteTables, sqliteTables } from "./sqlite-tables.ts"
import { reasonOf } from "../config/reason-of.ts"
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
