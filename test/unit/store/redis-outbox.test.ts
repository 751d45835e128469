import { describe, expect, test } from "bun:test"
import type { CircuitKey } from "../../../src/core/circuit.ts"
import type { CircuitEntry } from "../../../src/store/circuit-entry.ts"
import { createRedisCopy } from "../../../src/store/redis-copy.ts"
import { createRedisOutbox, boundedSet } from "../../../src/store/redis-outbox.ts"
import { appendScript, putScript, redisKeys, removeScript } from "../../../src/store/redis-scripts.ts"
import { storeBounds } from "../../../src/store/store.ts"
import {
  accountLimits,
  failureEntry,
  journalEntry,
  noon,
  sessionRecord,
} from "../../contract/store/store-records.ts"

const key: CircuitKey = "model:a/b"
const failedAt = (at: number): CircuitEntry => failureEntry(key, at)
const ours = failedAt(noon)
const older = JSON.stringify(failedAt(noon - 1))
const newer = failedAt(noon + 1)

/** An outbox in front of a server that gives these answers, one after the other. */
function world(answers: readonly unknown[] = []) {
  const copy = createRedisCopy(() => noon)
  const outbox = createRedisOutbox(copy, "here", () => noon)
  const sent: (readonly string[])[] = []
  const flush = (): Promise<void> =>
    outbox.flush((command, args) => {
      expect(command).toBe("EVAL")
      sent.push(args)
      return Promise.resolve(answers[Math.min(sent.length, answers.length) - 1] ?? null)
    })
  return { copy, outbox, sent, flush }
}

describe("a circuit", () => {
  const rows: readonly (readonly [string, readonly unknown[], readonly string[], CircuitEntry])[] = [
    ["that the server does not know is put there", [null], [""], ours],
    ["goes before what the server holds that is older", [older, null], ["", older], ours],
    ["that the server holds already is not put there again", [JSON.stringify(ours)], [""], ours],
    ["yields to what the server holds that is newer", [JSON.stringify(newer)], [""], newer],
    ["takes the place of what nobody can read", ["{", null], ["", "*"], ours],
    ["is put there though what was there is gone meanwhile", [older, "", null], ["", older, ""], ours],
  ]
  test.each(rows)("%s", async (_, answers, expected, outcome) => {
    const { copy, outbox, sent, flush } = world(answers)
    copy.setEntry(key, ours)
    outbox.circuit(key)
    expect(outbox.isEmpty()).toBe(false)
    await flush()
    expect(outbox.isEmpty()).toBe(true)
    expect(sent.map((args) => args[5])).toEqual([...expected])
    expect(copy.entry(key)).toEqual(outcome)
  })

  test("is sent with its age, the bounds and the news for the others", async () => {
    const { copy, outbox, sent, flush } = world()
    copy.setEntry(key, ours)
    outbox.circuit(key)
    await flush()
    const cutoff = String(noon - storeBounds.journalAgeMs)
    const news = JSON.stringify({ from: "here", type: "circuit", key, entry: ours })
    expect(sent).toEqual([
      [
        putScript,
        "2",
        redisKeys.circuits,
        redisKeys.circuitAges,
        key,
        "",
        JSON.stringify(ours),
        String(noon),
        String(storeBounds.circuits),
        cutoff,
        redisKeys.changes,
        news,
      ],
    ])
  })

  test("that others change all the time is left for later after 20 rounds", async () => {
    const { copy, outbox, sent, flush } = world([older])
    copy.setEntry(key, ours)
    outbox.circuit(key)
    expect(await flush().catch(String)).toContain("without a pause")
    expect([sent.length, outbox.isEmpty()]).toEqual([20, false])
  })

  test("that the copy has given up is not sent", async () => {
    const { outbox, sent, flush } = world()
    outbox.circuit(key)
    outbox.limits("acme")
    await flush()
    expect([sent, outbox.isEmpty()]).toEqual([[], true])
  })
})

describe("what else is sent", () => {
  test("a session, and that it is forgotten", async () => {
    const { copy, outbox, sent, flush } = world()
    const record = sessionRecord("ses_1", noon)
    copy.saveSession(record)
    outbox.session("ses_1")
    await flush()
    copy.forgetSession("ses_1")
    outbox.session("ses_1")
    expect(outbox.isEmpty()).toBe(false)
    await flush()
    const keys = ["2", redisKeys.sessions, redisKeys.sessionAges]
    const cutoff = String(noon - storeBounds.sessionAgeMs)
    const rest = [String(noon), String(storeBounds.sessions), cutoff, redisKeys.changes]
    expect(sent).toEqual([
      [
        putScript,
        ...keys,
        "ses_1",
        "*",
        JSON.stringify(record),
        ...rest,
        JSON.stringify({ from: "here", type: "session", record }),
      ],
      [
        removeScript,
        ...keys,
        "ses_1",
        redisKeys.changes,
        JSON.stringify({ from: "here", type: "forget", sessionID: "ses_1" }),
      ],
    ])
  })

  test("an account's limits, and a line of the journal", async () => {
    const { copy, outbox, sent, flush } = world()
    const record = accountLimits("acme", noon)
    copy.saveLimits(accountLimits("other", noon))
    copy.saveLimits(record)
    outbox.limits("acme")
    expect(outbox.isEmpty()).toBe(false)
    await flush()
    const numbered = { id: "1", entry: journalEntry(noon) }
    outbox.journal(numbered)
    expect(outbox.isEmpty()).toBe(false)
    await flush()
    const cutoff = String(noon - storeBounds.journalAgeMs)
    expect(sent).toEqual([
      [
        putScript,
        "2",
        redisKeys.limits,
        redisKeys.limitAges,
        "acme",
        "*",
        JSON.stringify(record),
        String(noon),
        String(storeBounds.accounts),
        "0",
        redisKeys.changes,
        JSON.stringify({ from: "here", type: "limits", record }),
      ],
      [
        appendScript,
        "1",
        redisKeys.journal,
        String(noon),
        JSON.stringify(numbered),
        String(storeBounds.journalEntries),
        cutoff,
        redisKeys.changes,
        JSON.stringify({ from: "here", type: "journal", numbered }),
      ],
    ])
  })
})

describe("a bounded set", () => {
  function setOf(...values: readonly number[]) {
    const set = boundedSet<number>(3)
    for (const value of values) set.add(value)
    return set
  }

  test("hands out each value once, in order, without the oldest beyond its bound", async () => {
    const set = setOf(1, 2, 1, 3, 4)
    const handed: number[] = []
    await set.drain(async (value) => void handed.push(value))
    expect([handed, set.size()]).toEqual([[2, 3, 4], 0])
  })

  test("keeps what could not be used, and says why", async () => {
    const set = setOf(1, 2, 3)
    const use = async (value: number): Promise<void> => {
      if (value === 2) throw new Error("the server has gone")
    }
    expect(await set.drain(use).catch(String)).toBe("Error: the server has gone")
    const left: number[] = []
    await set.drain(async (value) => void left.push(value))
    expect(left).toEqual([2])
  })

  test("hands out again what is added while it is under way", async () => {
    const set = setOf(1)
    const handed: number[] = []
    await set.drain(async (value) => {
      if (handed.push(value) === 1) set.add(value)
    })
    expect(handed).toEqual([1, 1])
  })
})
