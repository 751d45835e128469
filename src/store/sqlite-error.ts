import { SQLiteError } from "bun:sqlite"

/**
 * What an SQLite error means to us. `busy`: another process holds the lock, try again later. `damaged`: the
 * file is no database, broken, or not ours; a fresh one helps. `refused`: nothing that we could do to the
 * file helps (no permission, full disk, read-only mount).
 */
export type SqliteTrouble = "busy" | "damaged" | "refused"

/** Codes: https://www.sqlite.org/rescode.html. Extended ones such as `SQLITE_CORRUPT_INDEX` share the prefix. */
const byPrefix: readonly (readonly [prefix: string, trouble: SqliteTrouble])[] = [
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_LOCKED", "busy"],
  ["SQLITE_PROTOCOL", "busy"],
  ["SQLITE_CORRUPT", "damaged"],
  ["SQLITE_NOTADB", "damaged"],
  ["SQLITE_FORMAT", "damaged"],
  ["SQLITE_ERROR", "damaged"], // "no such table": a file of another program, or edited by hand
  ["SQLITE_SCHEMA", "damaged"],
  ["SQLITE_CONSTRAINT", "damaged"],
  ["SQLITE_MISMATCH", "damaged"],
]

/** The file opens, but SQLite's own check finds it broken. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError"
}

/** @returns `undefined` when the error does not come from SQLite: then it is a bug of ours or of the caller. */
export function sqliteTrouble(error: unknown): SqliteTrouble | undefined {
  if (error instanceof DamagedFileError) return "damaged"
  if (!(error instanceof SQLiteError)) return undefined
  const code = error.code ?? ""
  return byPrefix.find(([prefix]) => code.startsWith(prefix))?.[1] ?? "refused"
}
