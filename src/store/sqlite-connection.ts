import { growingPause } from "../async/growing-pause.ts"
import { reasonOf } from "../config/reason-of.ts"
import { sqliteTrouble } from "./sqlite-error.ts"
import { openSqliteFile, type SqliteFile } from "./sqlite-file.ts"
import type { SqliteTables } from "./sqlite-tables.ts"
import type { StoreLog } from "./store.ts"

/** How often one process opens the file again after it was damaged or replaced, before it gives up on it. */
const mostReopens = 10

/** Pauses after an opening that met a lock, in which nobody tries it again: each is twice as long as the last. */
const firstPauseMs = 50
const longestPauseMs = 1_000

export type SqliteResult<Result> =
  | { readonly state: "done"; readonly result: Result }
  /** Somebody else holds the lock, or the disk is full: the same call may work later. */
  | { readonly state: "busy" }
  /** The file cannot be used any more by this process. */
  | { readonly state: "lost" }

export type SqliteConnection = ReturnType<typeof connectSqlite>

/**
 * The file as it is right now: opened, opened again when it was replaced or damaged, given up when nothing
 * helps. Each change of fate is said once in the log.
 */
export function connectSqlite(options: {
  readonly path: string
  readonly now: () => number
  readonly log: StoreLog
  /** Called with the fresh tables that took the place of those that broke while they were in use. */
  readonly carryOver: (tables: SqliteTables) => void
  /** Default: {@link openSqliteFile}. */
  readonly openFile?: typeof openSqliteFile
}) {
  const { path, now, log, carryOver, openFile = openSqliteFile } = options
  let file: SqliteFile | undefined
  let isLost = false
  let reopensLeft = mostReopens
  // Not the injected clock: this bounds how much real time requests lose.
  let pausedUntil = -Infinity
  const pause = growingPause(firstPauseMs, longestPauseMs)
  let retry: ReturnType<typeof setTimeout> | undefined

  const giveUp = (reason: string): void => {
    isLost = true
    log("warn", `${path} cannot be used (${reason}); health is kept in memory until OpenCode is restarted`)
  }
  const disconnect = (): void => {
    file?.close()
    file = undefined
  }
  const connected = (): SqliteFile | undefined => {
    if (file && !file.isCurrent()) disconnect()
    if (file || isLost || performance.now() < pausedUntil) return file
    if (reopensLeft < 0) {
      giveUp("it was damaged or replaced again and again")
      return undefined
    }
    const opened = openFile(path, now, log)
    if (opened.state !== "busy") reopensLeft -= 1
    if (opened.state === "refused") giveUp(opened.reason)
    if (opened.state === "busy") waitForLock()
    else pause.reset()
    if (opened.state === "open") file = opened.file
    return file
  }
  /** Other processes that start at once and migrate are done in a moment. */
  const waitForLock = (): void => {
    const pauseMs = pause.next()
    pausedUntil = performance.now() + pauseMs
    clearTimeout(retry)
    retry = setTimeout(() => void connected(), pauseMs + 1)
    retry.unref()
  }
  const attemptOnce = <Result>(use: (tables: SqliteTables) => Result): SqliteResult<Result> | "damaged" => {
    const usable = connected()
    if (!usable) return { state: isLost ? "lost" : "busy" }
    try {
      return { state: "done", result: use(usable.tables) }
    } catch (error) {
      const trouble = sqliteTrouble(error)
      if (trouble === undefined) throw error
      if (trouble === "busy") return { state: "busy" }
      disconnect()
      // Opening it again runs SQLite's check, which sets a broken file aside.
      if (trouble === "damaged") return "damaged"
      giveUp(reasonOf(error))
      return { state: "lost" }
    }
  }

  return {
    attempt<Result>(use: (tables: SqliteTables) => Result): SqliteResult<Result> {
      const first = attemptOnce(use)
      if (first !== "damaged") return first
      const second = attemptOnce((tables) => {
        carryOver(tables)
        return use(tables)
      })
      if (second !== "damaged") return second
      giveUp("it is damaged")
      return { state: "lost" }
    },
    /** Opens the file before somebody asks; never throws, and comes back to a file that is locked. */
    openSoon: (): void => void connected(),
    /** What comes next is tried at once: there is no later. */
    endPause: (): void => void (pausedUntil = -Infinity),
    /** Whether the file was given up, or the connection closed. */
    isLost: (): boolean => isLost,
    close(): void {
      isLost = true
      clearTimeout(retry)
      disconnect()
    },
  }
}
