import { Database } from "bun:sqlite"

/** An error as SQLite throws it, without the full disk or the second process that it takes. */
function sqliteError(errno: number, message: string): Error {
  try {
    new Database(":memory:").run("no statement")
  } catch (error) {
    if (error instanceof Error)
      return Object.create(error, { errno: { value: errno }, message: { value: message } })
  }
  throw new Error("SQLite has taken what is no statement")
}

export const locked = sqliteError(5, "database is locked")
export const full = sqliteError(13, "database or disk is full")
export const readOnly = sqliteError(8, "attempt to write a readonly database")
