import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import { connectSqlite } from "../../../src/store/sqlite-connection.ts"
import { DamagedFileError } from "../../../src/store/sqlite-error.ts"
import type { OpenedSqliteFile } from "../../../src/store/sqlite-file.ts"
import type { SqliteTables } from "../../../src/store/sqlite-tables.ts"
import { full, locked, readOnly } from "./sqlite-errors.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A connection to files that are simulated here. */
function world() {
  const logged: string[] = []
  /** The tables of each file that was opened, the oldest first. */
  const files: { readonly tables: SqliteTables; isCurrent: boolean; isClosed: boolean }[] = []
  const carried: SqliteTables[] = []
  /** What comes of opening the file, from now on. */
  const opening: { state: OpenedSqliteFile["state"]; tries: number } = { state: "open", tries: 0 }
  const openFile = (): OpenedSqliteFile => {
    opening.tries += 1
    if (opening.state === "busy") return { state: "busy" }
    if (opening.state === "refused") return { state: "refused", reason: "no permission" }
    const tables = createMemoryStore({ now: () => 0 })
    const file = { tables, isCurrent: true, isClosed: false }
    files.push(file)
    const close = (): void => void (file.isClosed = true)
    return { state: "open", file: { tables, isCurrent: () => file.isCurrent, close } }
  }
  const connection = connectSqlite({
    path: "health.sqlite",
    now: () => 0,
    log: (level, message) => logged.push(`${level}: ${message}`),
    carryOver: (tables) => void carried.push(tables),
    openFile,
  })
  /** The number of the file that answers. */
  const use = (): unknown => {
    const answer = connection.attempt((tables) => files.findIndex((file) => file.tables === tables))
    return answer.state === "done" ? answer.result : answer.state
  }
  const fail = (error: Error): unknown =>
    connection.attempt(() => {
      throw error
    }).state
  return { connection, logged, files, carried, opening, use, fail }
}

describe("a file", () => {
  test("is opened once, and again when another one has taken its place", () => {
    const { use, files, carried } = world()
    expect([use(), use()]).toEqual([0, 0])
    const [first] = files
    if (first) first.isCurrent = false
    expect([use(), use(), first?.isClosed, carried]).toEqual([1, 1, true, []])
  })

  test("that is replaced again and again is given up after the tenth time", () => {
    const { use, files, logged } = world()
    const answers = Array.from({ length: 13 }, () => {
      for (const file of files) file.isCurrent = false
      return use()
    })
    expect(answers).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, "lost", "lost"])
    expect(logged).toEqual([expect.stringContaining("again and again")])
  })

  test("that may not be opened is given up at once, and not asked for again", () => {
    const { use, opening, connection, logged } = world()
    opening.state = "refused"
    expect(connection.isLost()).toBe(false)
    expect([use(), use(), connection.isLost(), opening.tries]).toEqual(["lost", "lost", true, 1])
    expect(logged).toEqual([expect.stringContaining("no permission")])
  })

  test.each([
    ["whose lock is held", locked],
    ["on a disk that is full", full],
  ])("%s stays open for the next call", (_, error) => {
    const { use, fail, files, logged } = world()
    expect([fail(error), use(), files.length, logged]).toEqual(["busy", 0, 1, []])
  })

  test("is not to blame for an error that is no word of SQLite's", () => {
    const { use, fail, files } = world()
    expect(() => fail(new Error("a bug"))).toThrow("a bug")
    expect([use(), files.length]).toEqual([0, 1])
  })

  test("that breaks is opened again, takes over what is known, and then answers", () => {
    const { connection, files, carried, logged } = world()
    const seen: SqliteTables[] = []
    const answer = connection.attempt((tables) => {
      seen.push(tables)
      expect(carried).toHaveLength(seen.length - 1)
      if (seen.length === 1) throw new DamagedFileError("torn")
      return "answered"
    })
    expect(answer).toEqual({ state: "done", result: "answered" })
    expect(seen).toEqual(files.map(({ tables }) => tables))
    expect(carried).toEqual(seen.slice(1))
    expect(files.map(({ isClosed }) => isClosed)).toEqual([true, false])
    expect(logged).toEqual([])
  })

  test("that breaks twice in one call is given up", () => {
    const { use, fail, files, logged } = world()
    expect([fail(new DamagedFileError("torn")), use()]).toEqual(["lost", "lost"])
    expect(files.map(({ isClosed }) => isClosed)).toEqual([true, true])
    expect(logged).toEqual([expect.stringContaining("it is damaged")])
  })

  test("that takes no more is given up", () => {
    const { use, fail, files, logged } = world()
    expect([fail(readOnly), use(), files[0]?.isClosed]).toEqual(["lost", "lost", true])
    expect(logged).toEqual([expect.stringContaining("readonly database")])
  })
})

describe("a file that is locked when it is to be opened", () => {
  test("is left alone for pauses that double up to a second, and then tried by itself", () => {
    const { connection, opening, use, logged } = world()
    opening.state = "busy"
    connection.openSoon()
    const pauses = [50, 100, 200, 400, 800, 1_000, 1_000]
    for (const [index, pauseMs] of pauses.entries()) {
      expect(opening.tries).toBe(index + 1)
      jest.advanceTimersByTime(pauseMs - 1)
      expect(use()).toBe("busy")
      expect(opening.tries).toBe(index + 1)
      jest.advanceTimersByTime(2)
    }
    expect(logged).toEqual([])
  })

  test("is tried by whoever asks once the pause is over, and by nobody else after that", () => {
    const { opening, use } = world()
    opening.state = "busy"
    use()
    jest.advanceTimersByTime(50)
    use()
    expect([opening.tries, jest.getTimerCount()]).toEqual([2, 1])
    opening.state = "open"
    jest.advanceTimersByTime(100)
    expect([use(), opening.tries]).toEqual([0, 3])
    jest.advanceTimersByTime(5_000)
    expect(opening.tries).toBe(3)
  })

  test("begins with short pauses again after it was open, and has lost none of its attempts", () => {
    const { opening, use, files } = world()
    opening.state = "busy"
    for (let tries = 0; tries < 20; tries += 1) {
      use()
      jest.advanceTimersByTime(1_001)
    }
    opening.state = "open"
    jest.advanceTimersByTime(1_001)
    expect(use()).toBe(0)
    const [first] = files
    if (first) first.isCurrent = false
    opening.state = "busy"
    expect(use()).toBe("busy")
    opening.state = "open"
    jest.advanceTimersByTime(50)
    expect(use()).toBe(1)
  })

  test("is tried at once when there is no later", () => {
    const { connection, opening, use } = world()
    opening.state = "busy"
    use()
    opening.state = "open"
    expect(use()).toBe("busy")
    connection.endPause()
    expect(use()).toBe(0)
  })

  test("keeps no process alive", () => {
    const timers = spyOn(globalThis, "setTimeout")
    const { opening, use } = world()
    opening.state = "busy"
    use()
    const [retry] = timers.mock.results.map(({ value }) => value as ReturnType<typeof setTimeout>)
    timers.mockRestore()
    expect(retry?.hasRef()).toBe(false)
  })
})

test("a closed connection holds neither the file nor a timer, and opens nothing any more", () => {
  const { connection, use, files, opening } = world()
  use()
  const [first] = files
  if (first) first.isCurrent = false
  opening.state = "busy"
  use()
  opening.state = "open"
  jest.advanceTimersByTime(50)
  use()
  opening.tries = 0
  connection.close()
  expect(files.map(({ isClosed }) => isClosed)).toEqual([true, true])
  expect([use(), connection.isLost(), opening.tries, jest.getTimerCount()]).toEqual(["lost", true, 0, 0])
})
