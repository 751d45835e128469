import { afterEach, beforeEach, describe, expect, jest, spyOn, test } from "bun:test"
import { createRedisStore } from "../../../src/store/redis-store.ts"
import { failure, journalEntry, noon } from "../../contract/store/store-records.ts"
import { pass, refused, settle, silence, simulatedRedis } from "./simulated-redis.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** A store on a server that is simulated here. */
function world() {
  const { server, newClient, newest } = simulatedRedis()
  const logged: string[] = []
  const open = () =>
    createRedisStore({
      url: "redis://host",
      newClient,
      now: () => noon,
      random: () => 0,
      log: (level, message) => logged.push(`${level}: ${message}`),
    })
  /** The circuits that the newest link has sent, in order. */
  const sent = (): readonly string[] =>
    newest()[0].calls.flatMap((call) => /"key":"model:a\/(\w+)"/.exec(call)?.[1] ?? [])
  return { server, newest, logged, open, sent }
}

type Opened = ReturnType<typeof createRedisStore>
const fail = (store: Opened, name: string): void =>
  void store.updateCircuit(`model:a/${name}`, () => failure(`model:a/${name}`, noon))
const readonlyServer = (): Promise<never> => Promise.reject(new Error("READONLY You can't write"))

/** A store whose first write is on its way until the server gives its answer. */
async function sending() {
  const opened = world()
  const store = opened.open()
  await settle()
  const answer = Promise.withResolvers<void>()
  opened.server["EVAL"] = () => answer.promise
  fail(store, "one")
  await settle()
  return { ...opened, store, answer }
}

/** Whether the promise is settled by now. */
async function isOver(promise: Promise<void>): Promise<boolean> {
  let over = false
  void promise.then(() => (over = true))
  await settle()
  return over
}

describe("a store on a server", () => {
  test("is ready when everything is read, and has nothing to do but to try the link", async () => {
    const { open, server, logged } = world()
    const reading = Promise.withResolvers<void>()
    server["ZRANGE"] = () => reading.promise
    const store = open()
    expect(await isOver(store.ready)).toBe(false)
    reading.resolve()
    expect(await isOver(store.ready)).toBe(true)
    expect([jest.getTimerCount(), logged]).toEqual([1, []])
  })

  test("that is silent is ready after a second; that is away, at once", async () => {
    const silent = world()
    silent.server["connect"] = silence
    const { ready } = silent.open()
    await pass(999)
    expect(await isOver(ready)).toBe(false)
    await pass(1)
    expect(await isOver(ready)).toBe(true)
    const away = world()
    away.server["connect"] = refused
    expect(await isOver(away.open().ready)).toBe(true)
  })

  test("sends together what is written together", async () => {
    const { open, server, sent } = world()
    const store = open()
    await settle()
    server["EVAL"] = silence
    fail(store, "one")
    fail(store, "two")
    await settle()
    expect(sent()).toEqual(["one", "two"])
  })

  test("sends what is written while it sends something else", async () => {
    const { open, server, sent } = world()
    const store = open()
    await settle()
    const answer = Promise.withResolvers<void>()
    server["EVAL"] = () => answer.promise
    store.appendJournal(journalEntry(noon))
    await settle()
    fail(store, "one")
    await settle()
    expect(sent()).toEqual([])
    answer.resolve()
    await settle()
    expect(sent()).toEqual(["one"])
  })

  test("sends what is written while it sends", async () => {
    const { server, sent, store, answer } = await sending()
    fail(store, "two")
    await settle()
    expect(sent()).toEqual(["one"])
    const flushed = store.flushed()
    expect(await isOver(flushed)).toBe(false)
    delete server["EVAL"]
    answer.resolve()
    expect(await isOver(flushed)).toBe(true)
    expect(sent()).toEqual(["one", "two"])
    fail(store, "three")
    await settle()
    expect(sent()).toEqual(["one", "two", "three"])
  })

  test("gets what is written while it is read", async () => {
    const { open, server, sent } = world()
    const reading = Promise.withResolvers<void>()
    server["ZRANGE"] = () => reading.promise
    const store = open()
    await settle()
    fail(store, "one")
    await settle()
    expect(sent()).toEqual([])
    reading.resolve()
    await settle()
    expect(sent()).toEqual(["one"])
  })

  test("that breaks gets what it has missed when it is back", async () => {
    const { open, server, sent, logged } = world()
    const store = open()
    await settle()
    server["EVAL"] = refused
    fail(store, "one")
    await settle()
    fail(store, "two")
    await settle()
    expect(sent()).toEqual(["one"])
    delete server["EVAL"]
    await pass(250)
    expect(sent()).toEqual(["one", "two"])
    expect(logged).toEqual([])
  })
})

test("what cannot be read on the server, or stands there under another name than its own, is passed over", async () => {
  const { open, server } = world()
  const entry = (name: string, record: unknown = failure(`model:a/${name}`, noon)) =>
    JSON.stringify({ at: noon, revisedAt: noon, record })
  server["HGETALL"] = () => ({
    "model:a/none": "no JSON",
    "model:a/one": entry("one"),
    "model:a/two": entry("three"),
    junk: entry("junk", null),
  })
  const store = open()
  await settle()
  expect(store.circuits().map(({ key }) => key)).toEqual(["model:a/one"])
  fail(store, "two")
  expect(store.circuit("model:a/two")?.failures).toBe(1)
  expect(store.circuits()).toHaveLength(2)
})

describe("a server that refuses to be written to", () => {
  test("is asked again every 15 s and not before, is said once, and gets everything in the end", async () => {
    const { open, server, sent, logged } = world()
    const store = open()
    await settle()
    server["EVAL"] = readonlyServer
    fail(store, "one")
    await settle()
    fail(store, "two")
    await pass(14_999)
    expect(sent()).toEqual(["one"])
    expect(logged).toEqual([expect.stringContaining("READONLY You can't write; it is read but not written")])
    for (const _ of [1, 2]) {
      await pass(1)
      // On a link of its own, which may lead to another server.
      expect(sent().toSorted()).toEqual(["one", "two"])
      await pass(14_999)
    }
    delete server["EVAL"]
    await pass(1)
    expect(sent().toSorted()).toEqual(["one", "two"])
    fail(store, "three")
    await settle()
    expect(sent().at(-1)).toBe("three")
    expect(logged).toHaveLength(1)
    // Of a refusal that comes later it is news again.
    server["EVAL"] = readonlyServer
    fail(store, "four")
    await settle()
    expect(logged).toHaveLength(2)
  })

  test("does so on a link that was made anew, too: one line and one timer for it all", async () => {
    const { open, server, newest, logged } = world()
    const store = open()
    await settle()
    server["EVAL"] = readonlyServer
    fail(store, "one")
    await settle()
    const timers = jest.getTimerCount()
    newest()[1].onclose?.(new Error("Connection closed"))
    await pass(250)
    expect(jest.getTimerCount()).toBe(timers)
    expect(logged.filter((line) => line.includes("read but not written"))).toHaveLength(1)
    await store.close()
    expect(jest.getTimerCount()).toBe(0)
  })

  test("keeps no process alive", async () => {
    const { open, server } = world()
    const store = open()
    await settle()
    server["EVAL"] = readonlyServer
    const timers = spyOn(globalThis, "setTimeout")
    fail(store, "one")
    await settle()
    const newest = timers.mock.results.at(-1)?.value as ReturnType<typeof setTimeout>
    timers.mockRestore()
    expect(newest.hasRef()).toBe(false)
  })

  test.each(["Connection closed", "no answer", "E 1"])("is not what %j says", async (message) => {
    const { open, server, logged } = world()
    const store = open()
    await settle()
    server["EVAL"] = () => Promise.reject(new Error(message))
    fail(store, "one")
    await settle()
    await pass(250)
    expect(logged).toEqual([expect.stringContaining("continuing with what is known")])
  })
})

describe("the end", () => {
  test("comes at once when nothing waits", async () => {
    const { open, server } = world()
    server["connect"] = silence
    const store = open()
    expect(await isOver(store.close())).toBe(true)
    expect(await isOver(store.ready)).toBe(true)
    expect(await isOver(store.flushed())).toBe(true)
  })

  test("waits half a second for a server that is not there yet, and once only", async () => {
    const { open, server } = world()
    server["connect"] = silence
    const store = open()
    fail(store, "one")
    const closed = store.close()
    await pass(499)
    expect(await isOver(closed)).toBe(false)
    await pass(1)
    expect(await isOver(closed)).toBe(true)
    expect(await isOver(store.close())).toBe(true)
  })

  test("waits until what was written is sent, and no longer", async () => {
    const { sent, newest, store, answer } = await sending()
    fail(store, "two")
    const closed = store.close()
    expect(await isOver(closed)).toBe(false)
    answer.resolve()
    expect(await isOver(closed)).toBe(true)
    expect([sent(), jest.getTimerCount()]).toEqual([["one", "two"], 0])
    fail(store, "three")
    await settle()
    expect(sent()).toEqual(["one", "two"])
    expect(newest()[0].calls.at(-1)).toBe("close")
  })
})
