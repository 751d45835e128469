import { growingPause } from "../async/growing-pause.ts"
import type { CircuitRecord } from "../core/circuit.ts"
import { applyWrite, longestQueue, type StoreWrite } from "./pending-writes.ts"
import type { SqliteResult, SqliteConnection } from "./sqlite-connection.ts"
import type { StoreLog } from "./store.ts"

/** Pauses between tries at a held lock. Each try may block for the busy timeout, hence the growth. */
const firstPauseMs = 50
const longestPauseMs = 2_000

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
    if (pause.isFirst()) log("info", `${path} is locked by another process; writes wait in memory`)
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
    pending: (): readonly StoreWrite[] => pending,
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
