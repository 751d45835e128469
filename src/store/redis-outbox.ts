import type { CircuitKey } from "../core/circuit.ts"
import { mergedEntry, sameEntry, storedEntry } from "./circuit-entry.ts"
import { ageScore, type RedisCopy } from "./redis-copy.ts"
import type { RedisSend } from "./redis-link.ts"
import type { NumberedEntry, RedisMessage } from "./redis-messages.ts"
import { appendScript, putScript, redisKeys, removeScript } from "./redis-scripts.ts"
import { storeBounds } from "./store.ts"
import { readStored } from "./stored-values.ts"

/** More than this many times in a row another machine was quicker: give the rest to the next flush. */
const mostRounds = 20

/**
 * What the server does not know yet: names of what changed, not a list of changes, so that an outage of any
 * length costs a bounded amount of memory and what is sent afterwards is the newest state.
 */
export function createRedisOutbox(copy: RedisCopy, from: string, now: () => number) {
  const circuits = boundedSet<CircuitKey>(storeBounds.circuits)
  const journal = boundedSet<NumberedEntry>(storeBounds.journalEntries)
  const sessions = boundedSet<string>(storeBounds.sessions)
  const limits = boundedSet<string>(storeBounds.accounts)
  const tell = (message: RedisMessage): readonly string[] => [redisKeys.changes, JSON.stringify(message)]
  /** @param args from `field` to `oldest score allowed`, as `putScript` takes them */
  const put = (
    send: RedisSend,
    keys: readonly [hash: string, ages: string],
    args: readonly (string | number)[],
    message: RedisMessage,
  ): Promise<unknown> => send("EVAL", [putScript, "2", ...keys, ...args.map(String), ...tell(message)])

  const sendCircuit = async (send: RedisSend, key: CircuitKey): Promise<void> => {
    // Nothing there yet is the likeliest; a wrong guess costs one more round trip.
    let expected = ""
    for (let round = 0; round < mostRounds; round++) {
      const entry = copy.entry(key)
      if (!entry) return
      const cutoff = now() - storeBounds.journalAgeMs
      const args = [key, expected, JSON.stringify(entry), ageScore(entry), storeBounds.circuits, cutoff]
      const keys = [redisKeys.circuits, redisKeys.circuitAges] as const
      const found = await put(send, keys, args, { from, type: "circuit", key, entry })
      if (typeof found !== "string") return
      const theirs = readStored(storedEntry, found)
      // What cannot be read is overwritten.
      expected = found !== "" && !theirs ? "*" : found
      if (!theirs) continue
      const merged = mergedEntry(copy.entry(key) ?? entry, theirs)
      copy.setEntry(key, merged)
      if (sameEntry(merged, theirs)) return
    }
    throw new Error("other machines change the same circuit without a pause")
  }
  const sendJournal = async (send: RedisSend, numbered: NumberedEntry): Promise<void> => {
    const cutoff = now() - storeBounds.journalAgeMs
    const args = [numbered.entry.at, JSON.stringify(numbered), storeBounds.journalEntries, cutoff]
    const message = tell({ from, type: "journal", numbered })
    await send("EVAL", [appendScript, "1", redisKeys.journal, ...args.map(String), ...message])
  }
  const sendSession = async (send: RedisSend, sessionID: string): Promise<void> => {
    const record = copy.session(sessionID)
    const keys = [redisKeys.sessions, redisKeys.sessionAges] as const
    if (!record) {
      const message = tell({ from, type: "forget", sessionID })
      await send("EVAL", [removeScript, "2", ...keys, sessionID, ...message])
      return
    }
    const cutoff = now() - storeBounds.sessionAgeMs
    const args = [sessionID, "*", JSON.stringify(record), record.updatedAt, storeBounds.sessions, cutoff]
    await put(send, keys, args, { from, type: "session", record })
  }
  const sendLimits = async (send: RedisSend, account: string): Promise<void> => {
    const record = copy.limits().find((one) => one.account === account)
    if (!record) return
    const keys = [redisKeys.limits, redisKeys.limitAges] as const
    const args = [account, "*", JSON.stringify(record), record.updatedAt, storeBounds.accounts, 0]
    await put(send, keys, args, { from, type: "limits", record })
  }

  return {
    circuit: circuits.add,
    journal: journal.add,
    session: sessions.add,
    limits: limits.add,
    isEmpty: () => [circuits, journal, sessions, limits].every((waiting) => waiting.size() === 0),
    /** Sends everything; rejects when the server fails, and keeps what was not sent. */
    async flush(send: RedisSend): Promise<void> {
      await circuits.drain((key) => sendCircuit(send, key))
      await sessions.drain((sessionID) => sendSession(send, sessionID))
      await limits.drain((account) => sendLimits(send, account))
      await journal.drain((numbered) => sendJournal(send, numbered))
    },
  }
}

/** How many values are handed out at once: one round trip for all of them, yet no burst without a bound. */
const batchSize = 100

/** A set in order of insertion that forgets its oldest value beyond `most`. */
export function boundedSet<Value>(most: number) {
  const values = new Set<Value>()
  const add = (value: Value): void => {
    values.add(value)
    const [oldest] = values
    if (values.size > most && oldest !== undefined) values.delete(oldest)
  }
  return {
    add,
    size: () => values.size,
    /** Hands each value to `use` and removes it; what `use` rejects is kept, and the rejection passed on. */
    async drain(use: (value: Value) => Promise<void>): Promise<void> {
      while (values.size > 0) {
        const batch = [...values].slice(0, batchSize)
        // Removed first: a value that changes again while it is under way must be handed out again.
        for (const value of batch) values.delete(value)
        const results = await Promise.allSettled(batch.map(use))
        const failed = batch.flatMap((value, index) => {
          const result = results[index]
          return result?.status === "rejected" ? [{ value, reason: result.reason }] : []
        })
        for (const { value } of failed) add(value)
        if (failed[0]) throw failed[0].reason
      }
    },
  }
}
