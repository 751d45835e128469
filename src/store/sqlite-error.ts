import { SQLiteError } from "bun:sqlite"

/**
 * What an SQLite error means to us. `busy`: another process holds the lock, or the disk is full; try again
 * later. `damaged`: the file is no database, broken, or not ours; a fresh one helps. `refused`: nothing that
 * we could do to the file helps (no permission, read-only mount).
 */
type SqliteTrouble = "busy" | "damaged" | "refused"

/**
 * Primary result codes, https://www.sqlite.org/rescode.html. By number and not by name: Bun 1.3.14 leaves
 * `code` empty for `SQLITE_ERROR`.
 */
const byPrimaryCode: Readonly<Record<number, SqliteTrouble>> = {
  1: "damaged", // ERROR, "no such table": a file of another program, or edited by hand
  5: "busy", // BUSY
  6: "busy", // LOCKED
  11: "damaged", // CORRUPT
  13: "busy", // FULL
  15: "busy", // PROTOCOL: too many processes race for the same lock
  17: "damaged", // SCHEMA
  19: "damaged", // CONSTRAINT
  20: "damaged", // MISMATCH
  24: "damaged", // FORMAT
  26: "damaged", // NOTADB
}

/** The file opens, but SQLite's own check finds it broken. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError"
}

/** @returns `undefined` when the error does not come from SQLite: then it is a bug of ours or of the caller. */
export function sqliteTrouble(error: unknown): SqliteTrouble | undefined {
  if (error instanceof DamagedFileError) return "damaged"
  if (!(error instanceof SQLiteError)) return undefined
  // Extended codes, such as SQLITE_BUSY_RECOVERY (261), carry the primary one in their lowest byte.
  return byPrimaryCode[error.errno & 0xff] ?? "refused"
}
