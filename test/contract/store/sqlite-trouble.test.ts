import { Database } from "bun:sqlite"
import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test"
import { spawn } from "node:child_process"
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CircuitKey } from "../../../src/core/circuit.ts"
import { schemaVersion } from "../../../src/store/sqlite-file.ts"
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import { type Store, storeBounds } from "../../../src/store/store.ts"
import { eventually } from "../../eventually.ts"
import { oneMoreFailure, sharedKey } from "./one-more-failure.ts"
import { accountLimits, failure, journalEntry, noon, sessionRecord } from "./store-records.ts"

const opus: CircuitKey = "model:anthropic/claude-opus-4-5"

let folder = ""
let path = ""
let logged: string[] = []
let stores: Store[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-store-"))
  path = join(folder, "state", "health.sqlite")
  logged = []
})
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()))
  rmSync(folder, { recursive: true, force: true })
})

function open(now: () => number = () => noon): Store {
  const store = createSqliteStore({ path, now, log: (level, message) => logged.push(`${level}: ${message}`) })
  stores.push(store)
  return store
}

function expectToWork(store: Store): void {
  store.updateCircuit(opus, () => failure(opus, noon))
  store.appendJournal(journalEntry(noon))
  store.saveSession(sessionRecord("ses_1", noon))
  expect(store.circuit(opus)).toEqual(failure(opus, noon))
  expect(store.circuits()).toEqual([failure(opus, noon)])
  expect(store.journal({ limit: 5 })).toEqual([journalEntry(noon)])
  expect(store.session("ses_1")).toEqual(sessionRecord("ses_1", noon))
}

const modeOf = (target: string): string => (statSync(target).mode & 0o777).toString(8)

describe("who may read the file", () => {
  test("the folder is the user's alone, and so are the file and its companions", () => {
    expectToWork(open())
    expect(modeOf(join(folder, "state"))).toBe("700")
    expect(readdirSync(join(folder, "state")).toSorted()).toEqual([
      "health.sqlite",
      "health.sqlite-shm",
      "health.sqlite-wal",
    ])
    for (const name of readdirSync(join(folder, "state")))
      expect(modeOf(join(folder, "state", name))).toBe("600")
  })

  test("a folder and a file that others may read are closed to them", async () => {
    await open().close()
    chmodSync(join(folder, "state"), 0o755)
    chmodSync(path, 0o644)
    expectToWork(open())
    expect([modeOf(join(folder, "state")), modeOf(path)]).toEqual(["700", "600"])
  })

  test("what the user has closed further stays closed", async () => {
    await open().close()
    chmodSync(path, 0o400)
    open()
    expect(modeOf(path)).toBe("400")
  })
})

test("a power cut takes the newest writes at most, and a lock that is held 25 ms", () => {
  const runs = spyOn(Database.prototype, "run")
  open()
  const database = runs.mock.contexts[0] as Database | undefined
  runs.mockRestore()
  const pragma = (name: string): unknown => database?.query(`PRAGMA ${name}`).values()
  expect(["journal_mode", "synchronous", "busy_timeout"].map(pragma)).toEqual([[["wal"]], [[1]], [[25]]])
})

describe("a file that cannot be used", () => {
  const broken: readonly (readonly [string, () => Promise<void>])[] = [
    ["text instead of a database", async () => writeFileSync(path, "not a database ".repeat(400))],
    [
      "a database cut short",
      async () => {
        const store = open()
        for (let index = 0; index < 200; index++) store.appendJournal(journalEntry(noon + index))
        await store.close()
        writeFileSync(path, readFileSync(path).subarray(0, 8_192))
      },
    ],
    [
      "a database with overwritten pages",
      async () => {
        const store = open()
        for (let index = 0; index < 200; index++) store.appendJournal(journalEntry(noon + index))
        await store.close()
        writeFileSync(path, readFileSync(path).fill(0xa5, 4_096))
      },
    ],
    [
      "our version but other tables",
      async () => {
        const database = new Database(path)
        database.run("PRAGMA journal_mode = WAL")
        database.run("CREATE TABLE other (a)")
        database.run(`PRAGMA user_version = ${schemaVersion}`)
        database.close()
      },
    ],
  ]
  test.each(broken)("%s: is set aside, a fresh file takes its place, one line says so", async (_, damage) => {
    mkdirSync(join(folder, "state"))
    await damage()
    const before = readFileSync(path)
    expectToWork(open())
    const aside = readdirSync(join(folder, "state")).filter((name) =>
      /^health\.sqlite\.corrupt-[^.]*$/.test(name),
    )
    expect(aside.length).toBe(1)
    expect(readFileSync(join(folder, "state", aside[0] ?? "")).equals(before)).toBe(true)
    expect(logged.length).toBe(1)
    expect(logged[0]).toContain("was damaged")
    await stores[0]?.close()
    expect(open().circuit(opus)).toEqual(failure(opus, noon))
  })

  test("tables that vanish under an open store: it goes on with what it knows, in a fresh file", () => {
    const store = open()
    expectToWork(store)
    const database = new Database(path)
    database.run("DROP TABLE circuits")
    database.close()
    expect(store.circuit(opus)).toEqual(failure(opus, noon))
    expect(logged).toEqual([expect.stringContaining("was damaged")])
    store.updateCircuit("model:a/new", () => failure("model:a/new", noon))
    const kept = open().circuits()
    expect(kept.map((record) => record.key).toSorted()).toEqual(["model:a/new", opus])
  })

  test("overwritten under an open store: the next to open sets it aside, and both use the fresh file", () => {
    const store = open()
    expectToWork(store)
    for (const suffix of ["", "-wal"]) writeFileSync(path + suffix, readFileSync(path + suffix).fill(0x5a))
    const other = open()
    expect(logged).toEqual([expect.stringContaining("was damaged")])
    other.updateCircuit("model:a/new", () => failure("model:a/new", noon))
    expect(store.circuit("model:a/new")).toEqual(failure("model:a/new", noon))
    // A fresh file would take up what the old one's log holds.
    const aside = readdirSync(join(folder, "state")).filter((name) => name.includes(".corrupt-"))
    expect(aside.filter((name) => name.endsWith("-wal"))).toHaveLength(1)
  })

  test("a journal that grows and grows old is kept small", () => {
    let at = noon
    const store = open(() => at)
    const rows = (): unknown => {
      const database = new Database(path, { readonly: true })
      const counted = database.query("SELECT count(*) AS rows FROM journal").get()
      database.close()
      return counted
    }
    for (let index = 0; index < storeBounds.journalEntries + 5; index += 1)
      store.appendJournal(journalEntry(noon))
    expect(rows()).toEqual({ rows: storeBounds.journalEntries })
    at += storeBounds.journalAgeMs + 1
    store.appendJournal(journalEntry(at))
    expect(rows()).toEqual({ rows: 1 })
  })

  test("a damaged file that cannot be set aside: memory, and both are said", () => {
    mkdirSync(join(folder, "state"))
    writeFileSync(path, "not a database ".repeat(400))
    const aside = `${path}.corrupt-${new Date(noon).toISOString().replaceAll(/[:.]/g, "-")}`
    mkdirSync(join(aside, "in the way"), { recursive: true })
    expectToWork(open())
    expect(logged).toEqual([
      expect.stringContaining("cannot be set aside"),
      expect.stringContaining("health is kept in memory"),
    ])
  })

  test("that another process brings to our version at the same moment is used as it is", () => {
    const migrating = spyOn(Database.prototype, "transaction")
    migrating.mockImplementationOnce(function (this: Database, run) {
      open()
      return this.transaction(run) as never
    })
    try {
      expectToWork(open())
    } finally {
      migrating.mockRestore()
    }
    expect(logged).toEqual([])
  })

  test("a newer release's file is left as it is, and health stays in memory", async () => {
    await open().close()
    const database = new Database(path)
    database.run("PRAGMA user_version = 99")
    database.close()
    const before = readFileSync(path)
    expectToWork(open())
    expect(logged).toEqual([expect.stringContaining("schema version 99")])
    await stores[1]?.close()
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  test("a folder that cannot be made: memory, one line in the log", () => {
    writeFileSync(join(folder, "state"), "a file where the folder should be")
    expectToWork(open())
    expect(logged).toEqual([expect.stringContaining("health is kept in memory")])
  })

  test("a folder that is lost for good under an open store: it goes on with what it has read and written", () => {
    const [store, other] = [open(), open()]
    other.saveSession(sessionRecord("ses_read", noon))
    expect(store.session("ses_read")).toBeDefined()
    store.saveSession(sessionRecord("ses_forgotten", noon))
    store.forgetSession("ses_forgotten")
    store.saveLimits(accountLimits("acme", noon))
    rmSync(join(folder, "state"), { recursive: true })
    writeFileSync(join(folder, "state"), "a file where the folder should be")
    expect(store.session("ses_read")).toEqual(sessionRecord("ses_read", noon))
    expect(store.session("ses_forgotten")).toBeUndefined()
    expect(store.limits()).toEqual([accountLimits("acme", noon)])
    expect(logged).toEqual([expect.stringContaining("health is kept in memory")])
  })

  test("a file that is removed again and again is given up in the end, and nothing of it is lost here", () => {
    const store = open()
    for (let round = 1; round <= 12; round += 1) {
      rmSync(join(folder, "state"), { recursive: true, force: true })
      store.updateCircuit(opus, () => failure(opus, noon + round))
    }
    expect(logged).toEqual([expect.stringContaining("again and again")])
    expect(store.circuit(opus)).toEqual(failure(opus, noon + 12))
  })

  test("a folder without write permission: memory, one line in the log", async () => {
    // As another user, because root may write anywhere.
    const root = process.getuid?.() === 0
    mkdirSync(join(folder, "state"))
    chmodSync(folder, 0o755)
    if (root) chownSync(folder, 0, 0)
    chmodSync(join(folder, "state"), 0o555)
    const child = await run(path, "3", root ? 65_534 : undefined)
    chmodSync(join(folder, "state"), 0o755)
    expect(child.code).toBe(0)
    expect(child.lines.at(-1)).toBe("done sqlite")
    expect(child.lines.filter((line) => line.includes("health is kept in memory")).length).toBe(1)
  })

  test("rows that a person or another release wrote wrong are passed over", async () => {
    const store = open()
    expectToWork(store)
    const database = new Database(path)
    const good = JSON.stringify(failure(opus, noon))
    const rows: readonly (readonly [string, string])[] = [
      ["model:a/1", "{"],
      ["model:a/2", good],
      ["model:a/3", JSON.stringify({ ...failure("model:a/3", noon), until: "soon" })],
      ["model:a/4", JSON.stringify({ ...failure("model:a/4", noon), until: 1e300 })],
      ["model:a/5", JSON.stringify({ ...failure("model:a/5", noon), kind: "tired" })],
      ["model:a/6", JSON.stringify({ ...failure("model:a/6", noon), failures: 0 })],
      ["elephant", JSON.stringify({ ...failure(opus, noon), key: "elephant" })],
      ["model:a/7", "null"],
    ]
    for (const [key, record] of rows) database.run("INSERT INTO circuits VALUES (?, ?, 0, 0)", [key, record])
    database.run("INSERT INTO journal (at, entry) VALUES (?, '[]')", [noon])
    database.run("UPDATE sessions SET record = '{}'")
    const another = JSON.stringify(sessionRecord("ses_2", noon))
    database.run("INSERT INTO sessions VALUES ('ses_3', ?, ?)", [another, noon])
    database.close()
    expect(store.circuits()).toEqual([failure(opus, noon)])
    for (const [key] of rows) expect(store.circuit(key as CircuitKey)).toBeUndefined()
    expect(store.journal({ limit: 5 })).toEqual([journalEntry(noon)])
    expect(store.session("ses_1")).toBeUndefined()
    expect(store.session("ses_3")).toBeUndefined()
    const repaired = failure("model:a/1", noon)
    store.updateCircuit("model:a/1", () => repaired)
    expect(store.circuit("model:a/1")).toEqual(repaired)
    expect(logged).toEqual([])
  })

  test("a file that was removed under two open stores is made anew, and they share it again", () => {
    const [one, other] = [open(), open()]
    expectToWork(one)
    rmSync(join(folder, "state"), { recursive: true })
    one.updateCircuit("model:a/new", () => failure("model:a/new", noon))
    expect(other.circuit("model:a/new")).toEqual(failure("model:a/new", noon))
    expect(logged).toEqual([])
  })
})

test("a change is made to what another process has written meanwhile, and its outcome is what is known", () => {
  const [store, other] = [open(), open()]
  let isFirst = true
  const after = store.updateCircuit(sharedKey, (before) => {
    if (isFirst) other.updateCircuit(sharedKey, oneMoreFailure)
    isFirst = false
    return oneMoreFailure(before)
  })
  expect(after?.failures).toBe(2)
})

describe("a lock that another process does not give back", () => {
  test("delays a write by little, later ones not at all; all show here at once and in the file later", async () => {
    const store = open()
    store.saveSession(sessionRecord("ses_before", noon))
    store.updateCircuit(opus, () => failure(opus, noon))
    const holder = new Database(path)
    holder.run("BEGIN IMMEDIATE")
    const started = performance.now()
    store.updateCircuit(opus, (before) => ({
      ...failure(opus, noon + 1),
      failures: (before?.failures ?? 0) + 1,
    }))
    const firstMs = performance.now() - started
    store.appendJournal(journalEntry(noon))
    store.saveSession(sessionRecord("ses_1", noon - 1))
    store.saveSession(sessionRecord("ses_1", noon))
    store.saveLimits(accountLimits("acme", noon))
    expect(store.limits()).toEqual([accountLimits("acme", noon)])
    store.updateCircuit("model:a/other", () => failure("model:a/other", noon))
    const restMs = performance.now() - started - firstMs
    // The store waits 25 ms for a lock. A busy machine may take its time; SQLite's own patience would take 5 s.
    expect(Math.max(firstMs, restMs)).toBeLessThan(2_500)
    expect(store.circuit(opus)?.failures).toBe(2)
    expect(
      store
        .circuits()
        .map((record) => record.key)
        .toSorted(),
    ).toEqual(["model:a/other", opus])
    expect(store.journal({ limit: 5 })).toEqual([journalEntry(noon)])
    expect(store.session("ses_1")).toEqual(sessionRecord("ses_1", noon))
    expect(store.session("ses_before")).toEqual(sessionRecord("ses_before", noon))

    const other = open()
    expect(other.circuit(opus)?.failures).toBe(1)
    holder.run("COMMIT")
    holder.close()
    await eventually(() => other.session("ses_1") !== undefined)
    expect(other.circuit(opus)?.failures).toBe(2)
    expect(other.journal({ limit: 5 })).toEqual([journalEntry(noon)])
    expect(logged).toEqual([expect.stringContaining("locked by another process")])
  })

  describe("is tried again after a pause", () => {
    beforeEach(() => void jest.useFakeTimers())
    afterEach(() => void jest.useRealTimers())

    function held(): { readonly store: Store; readonly free: () => void } {
      const store = open()
      const holder = new Database(path)
      holder.run("BEGIN IMMEDIATE")
      const free = (): void => {
        holder.run("COMMIT")
        holder.close()
      }
      return { store, free }
    }

    test("and what waits is written in the order in which it came, however often that is", () => {
      const { store, free } = held()
      for (const id of ["msg_1", "msg_2"]) store.saveSession({ ...sessionRecord("ses_1", noon), lent: id })
      jest.advanceTimersByTime(50)
      free()
      jest.advanceTimersByTime(100)
      expect(open().session("ses_1")?.lent).toBe("msg_2")
    })

    test("but not once the store is closed", async () => {
      const { store, free } = held()
      store.saveSession(sessionRecord("ses_1", noon))
      await store.close()
      expect(jest.getTimerCount()).toBe(0)
      free()
    })
  })

  test("at the start is not waited for: the file is opened beside it as soon as it is free", async () => {
    mkdirSync(join(folder, "state"))
    const holder = new Database(path)
    holder.run("BEGIN EXCLUSIVE")
    open()
    holder.run("COMMIT")
    holder.close()
    const reader = new Database(path, { readonly: true })
    const version = reader.query<{ user_version: number }, []>("PRAGMA user_version")
    await eventually(() => (version.get()?.user_version ?? 0) > 0)
    reader.close()
  })

  test("does not lose what waits when the store is closed after the lock is free", async () => {
    const store = open()
    const holder = new Database(path)
    holder.run("BEGIN IMMEDIATE")
    store.updateCircuit(opus, () => failure(opus, noon))
    holder.run("COMMIT")
    holder.close()
    await store.close()
    expect(open().circuit(opus)).toEqual(failure(opus, noon))
  })

  test("nor where it has kept the store from opening the file until then", async () => {
    mkdirSync(join(folder, "state"))
    const holder = new Database(path)
    holder.run("BEGIN EXCLUSIVE")
    const store = open()
    store.updateCircuit(opus, () => failure(opus, noon))
    holder.run("COMMIT")
    holder.close()
    await store.close()
    expect(open().circuit(opus)).toEqual(failure(opus, noon))
  })

  test("is waited for by whoever must know that a write has come into the file", async () => {
    const store = open()
    await store.flushed()
    const holder = new Database(path)
    holder.run("BEGIN IMMEDIATE")
    store.saveSession(sessionRecord("ses_1", noon))
    const flushed = store.flushed().then(() => open().session("ses_1"))
    expect(await Promise.race([flushed, new Promise((later) => setImmediate(later, "locked"))])).toBe(
      "locked",
    )
    holder.run("COMMIT")
    holder.close()
    expect(await flushed).toEqual(sessionRecord("ses_1", noon))
  })

  test("a success on a closed circuit takes no lock: the healthy path does not wait", () => {
    const store = open()
    const holder = new Database(path)
    holder.run("BEGIN IMMEDIATE")
    store.updateCircuit(opus, () => undefined)
    holder.run("COMMIT")
    holder.close()
    expect(logged).toEqual([])
  })
})

type Finished = { readonly code: number | null; readonly lines: readonly string[] }

function start(file: string, count: string, uid?: number) {
  const script = join(import.meta.dir, "sqlite-process.ts")
  const child = spawn(process.execPath, [script, file, count], uid === undefined ? {} : { uid })
  child.stderr.pipe(process.stderr)
  let text = ""
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>()
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString()
    if (text.includes("ready")) becomeReady()
  })
  const { promise: finished, resolve } = Promise.withResolvers<Finished>()
  child.on("close", (code) => resolve({ code, lines: text.trim().split("\n") }))
  return { child, ready, finished }
}

function run(file: string, count: string, uid?: number): Promise<Finished> {
  return start(file, count, uid).finished
}

describe("real processes", () => {
  test("four that start at once on a missing file lose no update between them", async () => {
    const each = 50
    const children = await Promise.all(Array.from({ length: 4 }, () => run(path, String(each))))
    for (const child of children) {
      expect(child.lines.at(-1)).toBe("done sqlite")
      // A lock that came late is allowed; a file given up or set aside is not.
      expect(child.lines.filter((line) => line.startsWith("warn") || line.startsWith("error"))).toEqual([])
    }
    const store = open()
    expect(store.circuit(sharedKey)?.failures).toBe(4 * each)
    expect(store.journal({ limit: 1_000 }).length).toBe(4 * each)
  }, 60_000)

  test("a failure written by another process is there at the next read", async () => {
    const store = open()
    expect(store.circuit(sharedKey)).toBeUndefined()
    const child = await run(path, "1")
    expect(child.code).toBe(0)
    expect(store.circuit(sharedKey)).toEqual(oneMoreFailure(undefined))
  }, 60_000)

  test("kill -9 in the middle of a loop of writes leaves a whole file, five times", async () => {
    let known = 0
    for (let round = 0; round < 5; round++) {
      const { child, ready, finished } = start(path, "0")
      await ready
      const store = open()
      await eventually(() => (store.circuit(sharedKey)?.failures ?? 0) > known + 10)
      child.kill("SIGKILL")
      await finished
      const failures = store.circuit(sharedKey)?.failures ?? 0
      await store.close()
      const reopened = open()
      expect(reopened.circuit(sharedKey)?.failures).toBe(failures)
      expect(failures).toBeGreaterThan(known)
      known = failures
      await reopened.close()
    }
    expect(logged).toEqual([])
  }, 60_000)
})
