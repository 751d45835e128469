import { growingPause } from "../async/growing-pause.ts"
import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import type { SqliteResult, SqliteConnection } from "./sqlite-connection.ts"
import type { SqliteTables } from "./sqlite-tables.ts"
import type { AccountLimits, JournalEntry, SessionRecord, StoreLog } from "./store.ts"

/** Pauses between tries at a held lock. Each try may block for the busy timeout, hence the growth. */
const firstPauseMs = 50
const longestPauseMs = 2_000

/** More writes than this that wait for a lock mean that it will hardly come back. */
export const longestQueue = 256

type StoreWrite =
  | {
      readonly type: "circuit"
      readonly key: CircuitKey
      readonly change: (before: CircuitRecord | undefined) => CircuitRecord | undefined
    }
  | { readonly type: "journal"; readonly entry: JournalEntry }
  | { readonly type: "session"; readonly sessionID: string; readonly record: SessionRecord | undefined }
  | { readonly type: "limits"; readonly record: AccountLimits }

/** Writes in order; while another process holds the lock they wait, and a timer tries again. */
export function createWriteQueue(
  connection: Pick<SqliteConnection, "attempt" | "isLost">,
  path: string,
  log: StoreLog,
) {
  const pending: StoreWrite[] = []
  let retry: ReturnType<typeof setTimeout> | undefined
  const pause = growingPause(firstPauseMs, longestPauseMs)
  let emptied = Promise.withResolvers<void>()

  const flush = (): SqliteResult<CircuitRecord | undefined> => {
    let last: SqliteResult<CircuitRecord | undefined> = { state: "busy" }
    for (let write = pending[0]; write; write = pending[0]) {
      const next = write
      // Taken out first: a `change` that throws must not be met again by the next write.
      pending.shift()
      last = connection.attempt((tables) => applyWrite(tables, next))
      // Lost: what was to be written is in the copy in memory, and there is nowhere else to put it.
      if (last.state === "lost") pending.length = 0
      if (last.state === "busy") {
        pending.unshift(next)
        break
      }
    }
    if (last.state === "busy") waitForLock()
    else {
      pause.reset()
      emptied.resolve()
      emptied = Promise.withResolvers()
    }
    return last
  }
  const waitForLock = (): void => {
    if (pause.isFirst())
      log("info", `${path} is locked by another process, or the disk is full; writes wait in memory`)
    retry = setTimeout(() => {
      retry = undefined
      try {
        flush()
      } catch (error) {
        log("error", `a write to ${path} failed and is dropped: ${String(error)}`)
      }
    }, pause.next())
    retry.unref()
  }

  return {
    /** Oldest first; not in the file yet. */
    pending: <Type extends StoreWrite["type"]>(type: Type) =>
      pending.filter((write): write is Extract<StoreWrite, { type: Type }> => write.type === type),
    /** Writes at once when it can. `done` only when this very write is in the file. */
    write(write: StoreWrite): SqliteResult<CircuitRecord | undefined> {
      if (connection.isLost()) return { state: "lost" }
      pending.push(write)
      if (pending.length > longestQueue) pending.shift()
      // While a retry is planned, no request waits for the lock again.
      return retry === undefined ? flush() : { state: "busy" }
    },
    /** Resolves when none of those before is pending any more. */
    flushed: (): Promise<void> => (pending.length === 0 ? Promise.resolve() : emptied.promise),
    /** One last try, then the rest is dropped. */
    close(): void {
      clearTimeout(retry)
      if (pending.length > 0) flush()
      clearTimeout(retry)
      pending.length = 0
    },
  }
}

/** @returns the circuit's record afterwards; `undefined` for every other write */
function applyWrite(target: SqliteTables, write: StoreWrite): CircuitRecord | undefined {
  if (write.type === "circuit") return target.updateCircuit(write.key, write.change)
  if (write.type === "journal") target.appendJournal(write.entry)
  else if (write.type === "limits") target.saveLimits(write.record)
  else if (write.record) target.saveSession(write.record)
  else target.forgetSession(write.sessionID)
  return undefined
}
