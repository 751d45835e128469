import type * as z from "zod/mini"
import { withinTime } from "../async/within-time.ts"
import { withoutPassword } from "../config/short-value.ts"
import { changedEntry, type CircuitEntry, storedEntry } from "./circuit-entry.ts"
import { boundedEntry } from "./journal-order.ts"
import { probes } from "./probes.ts"
import { createRedisCopy, type RedisCopy } from "./redis-copy.ts"
import { linkRedis, reasonWithoutPassword, type RedisLinkOptions, type RedisSend } from "./redis-link.ts"
import { redisMessage, storedNumberedEntry } from "./redis-messages.ts"
import { createRedisOutbox } from "./redis-outbox.ts"
import { redisKeys } from "./redis-scripts.ts"
import type { Store } from "./store.ts"
import { isCircuitKey, readStored, storedLimits, storedSession } from "./stored-values.ts"

/** How long the start and the end wait for the server. */
const readyMs = 1_000
const farewellMs = 500
/** A server that refuses to be written to (full, a replica, rights) is asked again after this long. */
const refusedPauseMs = 15_000

type RedisStoreOptions = Omit<RedisLinkOptions, "onUp" | "onReady" | "onDown" | "onMessage"> & {
  readonly now: () => number
}

/**
 * Shares health between machines through a Redis or Valkey server. Every read is answered from a copy in
 * this process, which the server's publications keep fresh; every write goes to the copy at once and to the
 * server in the background. Without the server the copy is all there is, and what it learns is sent later.
 */
export function createRedisStore(options: RedisStoreOptions): Store {
  const { now, log } = options
  const where = withoutPassword(options.url)
  const from = crypto.randomUUID()
  const copy = createRedisCopy(now)
  const outbox = createRedisOutbox(copy, from, now)
  const ready = Promise.withResolvers<void>()
  const firstUp = Promise.withResolvers<void>()
  let count = 0
  let flushing: Promise<void> | undefined
  let isClosed = false
  let refusal: ReturnType<typeof setTimeout> | undefined
  let saidRefused = false

  /** @returns false when the server refuses; rejects when it cannot be reached */
  const sendWaiting = async (send: RedisSend): Promise<boolean> => {
    try {
      await outbox.flush(send)
      saidRefused = false
      return true
    } catch (error) {
      if (!isRefusal(error)) throw error
      if (!saidRefused)
        log(
          "warn",
          `store ${where}: ${reasonWithoutPassword(error, options.url)}; it is read but not written`,
        )
      saidRefused = true
      refusal ??= askAgainLater()
      return false
    }
  }
  /** A primary that has become a replica keeps its connections, while its name leads to the new one. */
  const askAgainLater = (): ReturnType<typeof setTimeout> => {
    const timer = setTimeout(() => {
      refusal = undefined
      if (link.send()) link.renew()
    }, refusedPauseMs)
    return timer.unref()
  }
  const link = linkRedis({
    ...options,
    async onUp(send) {
      await sendWaiting(send)
      await load(send, copy)
      firstUp.resolve()
      ready.resolve()
    },
    // What was written while everything was read.
    onReady: () => flush(),
    // There is nothing to wait for: the copy is as good as it gets for now.
    onDown: ready.resolve,
    onMessage: (text) => takeOver(text, from, copy),
  })
  const readyTimer = setTimeout(ready.resolve, readyMs)
  void ready.promise.then(() => clearTimeout(readyTimer))

  const flushOnce = async (): Promise<void> => {
    // One turn of the event loop, so that what is written together is sent together.
    await Promise.resolve()
    for (let send = link.send(); send && !outbox.isEmpty(); send = link.send()) {
      try {
        if (!(await sendWaiting(send))) return
      } catch (error) {
        link.fail(error)
      }
    }
  }
  const flush = (): void => {
    if (refusal) return
    flushing ??= flushOnce().finally(() => (flushing = undefined))
  }

  const updateCircuit: Store["updateCircuit"] = (key, change) => {
    const before = copy.entry(key)
    const after = change(before?.record ?? undefined)
    const entry = changedEntry(before, after, now())
    if (!entry) return after
    copy.setEntry(key, entry)
    outbox.circuit(key)
    flush()
    return after
  }

  return {
    name: "redis",
    ready: ready.promise,
    circuit: copy.circuit,
    circuits: copy.circuits,
    journal: copy.journal,
    session: copy.session,
    limits: copy.limits,
    updateCircuit,
    ...probes({ circuit: copy.circuit, updateCircuit }),
    appendJournal(entry) {
      count += 1
      const id = `${String(count).padStart(9, "0")}-${from}`
      const numbered = { id, entry: boundedEntry(entry) }
      copy.addNumbered(numbered)
      outbox.journal(numbered)
      flush()
    },
    saveSession(record) {
      copy.saveSession(record)
      outbox.session(record.sessionID)
      flush()
    },
    forgetSession(sessionID) {
      copy.forgetSession(sessionID)
      outbox.session(sessionID)
      flush()
    },
    saveLimits(record) {
      copy.saveLimits(record)
      outbox.limits(record.account)
      flush()
    },
    flushed: () => flushing ?? Promise.resolve(),
    async close() {
      if (!isClosed && !outbox.isEmpty())
        await withinTime(
          firstUp.promise.then(() => flushing),
          farewellMs,
        )
      isClosed = true
      clearTimeout(refusal)
      ready.resolve()
      link.close()
    },
  }
}

/**
 * The server is there and says no (`OOM command not allowed…`, `READONLY You can't…`); anything else means that
 * the link is broken. Bun's code for it changed between 1.3 and 1.4, and stands for garbage as well.
 */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]{2,} /.test(error.message)
}

/** Reads all that the server holds. Values that cannot be read are passed over. */
async function load(send: RedisSend, copy: RedisCopy): Promise<void> {
  const [circuits, sessions, limits, journal] = await Promise.all([
    send("HGETALL", [redisKeys.circuits]),
    send("HGETALL", [redisKeys.sessions]),
    send("HGETALL", [redisKeys.limits]),
    send("ZRANGE", [redisKeys.journal, "0", "-1"]),
  ])
  for (const [key, text] of Object.entries(circuits ?? {}))
    mergeCircuit(copy, key, readStored(storedEntry, text))
  takeEach(sessions, storedSession, (record) => copy.mergeSession(record))
  takeEach(limits, storedLimits, (record) => copy.mergeLimits(record))
  takeEach(journal, storedNumberedEntry, (numbered) => copy.addNumbered(numbered))
}

function takeEach<Value>(texts: unknown, shape: z.ZodMiniType<Value>, take: (value: Value) => void): void {
  for (const text of Object.values(texts ?? {})) {
    const value = readStored(shape, text)
    if (value) take(value)
  }
}

function takeOver(text: string, from: string, copy: RedisCopy): void {
  const message = readStored(redisMessage, text)
  if (!message || message.from === from) return
  if (message.type === "circuit") mergeCircuit(copy, message.key, message.entry)
  else if (message.type === "journal") copy.addNumbered(message.numbered)
  else if (message.type === "session") copy.mergeSession(message.record)
  else if (message.type === "limits") copy.mergeLimits(message.record)
  else copy.forgetSession(message.sessionID)
}

function mergeCircuit(copy: RedisCopy, key: string, entry: CircuitEntry | undefined): void {
  if (!entry || !isCircuitKey(key) || (entry.record && entry.record.key !== key)) return
  copy.mergeEntry(key, entry)
}
