import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import type { SqliteConnection } from "../../../src/store/sqlite-connection.ts"
import { createWriteQueue, longestQueue } from "../../../src/store/sqlite-write-queue.ts"
import {
  accountLimits,
  failure,
  journalEntry,
  noon,
  sessionRecord,
} from "../../contract/store/store-records.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A queue in front of tables that are simulated here. */
function world() {
  const logged: string[] = []
  const tables = createMemoryStore({ now: () => noon })
  /** What comes of each attempt, from now on. */
  const file: { state: "done" | "busy" | "lost"; attempts: number } = { state: "done", attempts: 0 }
  const connection: Pick<SqliteConnection, "attempt" | "isLost"> = {
    attempt(use) {
      file.attempts += 1
      return file.state === "done" ? { state: "done", result: use(tables) } : { state: file.state }
    },
    isLost: () => file.state === "lost",
  }
  const queue = createWriteQueue(connection, "health.sqlite", (level, message) =>
    logged.push(`${level}: ${message}`),
  )
  const save = (id: string): string =>
    queue.write({ type: "session", sessionID: id, record: sessionRecord(id, noon) }).state
  return { queue, logged, tables, file, save }
}

describe("a write", () => {
  test("of each kind is in the file at once when nobody holds the lock", () => {
    const { queue, tables, logged } = world()
    const circuit = failure("model:a/b", noon)
    expect(queue.write({ type: "circuit", key: circuit.key, change: () => circuit })).toEqual({
      state: "done",
      result: circuit,
    })
    expect(queue.write({ type: "journal", entry: journalEntry(noon) })).toEqual({
      state: "done",
      result: undefined,
    })
    queue.write({ type: "limits", record: accountLimits("acme", noon) })
    queue.write({ type: "session", sessionID: "ses_1", record: sessionRecord("ses_1", noon) })
    expect(tables.session("ses_1")).toBeDefined()
    queue.write({ type: "session", sessionID: "ses_1", record: undefined })
    expect(tables.session("ses_1")).toBeUndefined()
    expect([tables.circuits(), tables.journal({ limit: 9 }), tables.limits()]).toEqual([
      [circuit],
      [journalEntry(noon)],
      [accountLimits("acme", noon)],
    ])
    expect([queue.pending("session"), logged]).toEqual([[], []])
  })

  test("leaves nothing to wait for, nor to do at the end", async () => {
    const { queue, save, logged, file } = world()
    save("ses_1")
    await queue.flushed()
    queue.close()
    expect([file.attempts, logged]).toEqual([1, []])
  })

  test("to a file that was given up is not tried", () => {
    const { save, file, queue } = world()
    file.state = "lost"
    expect([save("ses_1"), file.attempts, queue.pending("session")]).toEqual(["lost", 0, []])
  })

  test("whose change throws is dropped, and stands in nobody's way", () => {
    const { queue, save } = world()
    const change = (): never => {
      throw new Error("a bug")
    }
    expect(() => queue.write({ type: "circuit", key: "model:a/b", change })).toThrow("a bug")
    expect([save("ses_1"), queue.pending("session")]).toEqual(["done", []])
  })
})

describe("writes that meet a lock", () => {
  test("wait in order, are tried after pauses that double up to 2 s and not before, and said once", () => {
    const { save, file, queue, logged } = world()
    file.state = "busy"
    expect(save("ses_1")).toBe("busy")
    const pauses = [50, 100, 200, 400, 800, 1_600, 2_000, 2_000]
    for (const [index, pauseMs] of pauses.entries()) {
      expect([save(`ses_more_${index}`), file.attempts]).toEqual(["busy", index + 1])
      jest.advanceTimersByTime(pauseMs - 1)
      expect(file.attempts).toBe(index + 1)
      jest.advanceTimersByTime(1)
    }
    expect(file.attempts).toBe(pauses.length + 1)
    const waiting = queue.pending("session").map(({ sessionID }) => sessionID)
    expect(waiting).toEqual(["ses_1", ...pauses.map((_, index) => `ses_more_${index}`)])
    expect(logged).toEqual([expect.stringContaining("locked by another process")])
  })

  test("are all written once it is free, and the next lock is met as the first was", async () => {
    const { save, file, queue, tables, logged } = world()
    file.state = "busy"
    save("ses_1")
    jest.advanceTimersByTime(50)
    save("ses_2")
    const flushed = queue.flushed()
    file.state = "done"
    jest.advanceTimersByTime(100)
    await flushed
    expect([tables.session("ses_1"), tables.session("ses_2")]).not.toContain(undefined)
    expect([queue.pending("session"), jest.getTimerCount(), save("ses_3")]).toEqual([[], 0, "done"])
    file.state = "busy"
    save("ses_4")
    expect(logged).toHaveLength(2)
    let isFlushed = false
    void queue.flushed().then(() => (isFlushed = true))
    await Promise.resolve()
    expect(isFlushed).toBe(false)
    file.state = "done"
    jest.advanceTimersByTime(50)
    expect(tables.session("ses_4")).toBeDefined()
  })

  test(`number ${longestQueue} at most: the oldest is given up`, () => {
    const { save, file, queue } = world()
    file.state = "busy"
    for (let index = 0; index < longestQueue; index += 1) save(`ses_${index}`)
    expect(queue.pending("session")[0]).toMatchObject({ sessionID: "ses_0" })
    save("ses_last")
    expect(queue.pending("session")).toHaveLength(longestQueue)
    expect(queue.pending("session")[0]).toMatchObject({ sessionID: "ses_1" })
  })

  test("of a file that is given up meanwhile are dropped, and nobody waits for them", async () => {
    const { save, file, queue } = world()
    file.state = "busy"
    save("ses_1")
    save("ses_2")
    const flushed = queue.flushed()
    file.state = "lost"
    jest.advanceTimersByTime(50)
    await flushed
    expect([queue.pending("session"), file.attempts, jest.getTimerCount()]).toEqual([[], 2, 0])
  })

  test("whose change throws later is said in the log, and the rest is written by the next", () => {
    const { queue, save, file, logged, tables } = world()
    file.state = "busy"
    const change = (): never => {
      throw new Error("a bug")
    }
    queue.write({ type: "circuit", key: "model:a/b", change })
    save("ses_1")
    file.state = "done"
    jest.advanceTimersByTime(50)
    expect(logged.at(-1)).toStartWith("error: ")
    save("ses_2")
    expect([tables.session("ses_1"), tables.session("ses_2")]).not.toContain(undefined)
  })

  test("are tried once more at the end, which leaves nothing behind", () => {
    const { save, file, queue } = world()
    file.state = "busy"
    save("ses_1")
    queue.close()
    expect([queue.pending("session"), file.attempts, jest.getTimerCount()]).toEqual([[], 2, 0])
    queue.close()
    expect(file.attempts).toBe(2)
  })

  test("reach the file at the end when it is free by then", () => {
    const { save, file, queue, tables } = world()
    file.state = "busy"
    save("ses_1")
    file.state = "done"
    queue.close()
    expect(tables.session("ses_1")).toBeDefined()
    expect(jest.getTimerCount()).toBe(0)
  })

  test("keep no process alive", () => {
    const timers = spyOn(globalThis, "setTimeout")
    const { save, file } = world()
    file.state = "busy"
    save("ses_1")
    const [retry] = timers.mock.results.map(({ value }) => value as ReturnType<typeof setTimeout>)
    timers.mockRestore()
    expect(retry?.hasRef()).toBe(false)
  })
})
