import { afterEach, beforeEach, expect, jest, test } from "bun:test"
import type { BusEvent } from "../../../../../src/opencode/v2/host/context.ts"
import { followBus, createConcernsProject } from "../../../../../src/opencode/v2/host/follow-bus.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

/** All that is ready to run has run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

function setUp(options: { readonly onEvent?: (type: string) => Promise<void> } = {}) {
  const subscriptions: ReturnType<typeof Promise.withResolvers<IteratorResult<BusEvent>>>[] = []
  const seen: string[] = []
  const faults: string[] = []
  let returned = 0
  let gaps = 0
  const iterator = () => ({
    next: () => {
      const next = Promise.withResolvers<IteratorResult<BusEvent>>()
      subscriptions.push(next)
      return next.promise
    },
    return: () => {
      returned += 1
      return Promise.reject(new Error("not now"))
    },
  })
  const stop = followBus(
    {
      event: { subscribe: () => ({ [Symbol.asyncIterator]: iterator }) },
      location: { directory: "/here" },
    },
    {
      onEvent: async ({ type }) => {
        seen.push(type)
        await options.onEvent?.(type)
      },
      onGap: () => {
        gaps += 1
        return Promise.reject(new Error("no engine"))
      },
      onFault: (error) => void faults.push(String(error)),
    },
  )
  const send = async (type: string, directory = "/here"): Promise<void> => {
    subscriptions.at(-1)?.resolve({ done: false, value: { type, location: { directory } } })
    await settled()
  }
  const end = async (how: "done" | "failed"): Promise<void> => {
    const last = subscriptions.at(-1)
    if (how === "done") last?.resolve({ done: true, value: undefined })
    else last?.reject(new Error("the bus is broken"))
    await settled()
  }
  return { stop, send, end, seen, faults, gaps: () => gaps, returned: () => returned }
}

test("reads one event after the other, of its own project", async () => {
  const { send, seen } = setUp()
  await send("a")
  await send("b", "/elsewhere")
  await send("c")
  expect(seen).toEqual(["a", "c"])
})

test("goes on after an event that nobody could deal with", async () => {
  const { send, seen, faults } = setUp({
    onEvent: (type) => (type === "a" ? Promise.reject(new Error("no list")) : Promise.resolve()),
  })
  await send("a")
  await send("b")
  expect([seen, faults]).toEqual([["a", "b"], ["Error: no list"]])
})

test.each(["done", "failed"] as const)(
  "listens again to a bus that is %s, and tells of the gap",
  async (how) => {
    const { send, end, seen, gaps, faults } = setUp()
    await end(how)
    jest.advanceTimersByTime(999)
    await settled()
    expect(gaps()).toBe(0)
    jest.advanceTimersByTime(1)
    await settled()
    await send("a")
    expect([seen, gaps(), faults]).toEqual([["a"], 1, ["Error: no engine"]])
  },
)

test("listens ever more rarely to one that ends at once, and often again once it has told something", async () => {
  const { send, end, gaps } = setUp()
  const pauseUntilNext = async (): Promise<number> => {
    await end("done")
    const before = gaps()
    let seconds = 0
    while (gaps() === before) {
      jest.advanceTimersByTime(1_000)
      seconds += 1
      await settled()
    }
    return seconds
  }
  const pauses: number[] = []
  for (let time = 0; time < 8; time += 1) pauses.push(await pauseUntilNext())
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  await send("a")
  expect(await pauseUntilNext()).toBe(1)
})

test("stops at once, and listens to nothing afterwards", async () => {
  const { stop, send, seen, returned } = setUp()
  stop()
  await send("a")
  expect([seen, returned(), jest.getTimerCount()]).toEqual([[], 1, 0])
})

test("stops while it waits to listen again", async () => {
  const { stop, end } = setUp()
  await end("done")
  expect(jest.getTimerCount()).toBe(1)
  stop()
  expect(jest.getTimerCount()).toBe(0)
})

test("stays stopped where the bus ends afterwards", async () => {
  const { stop, end } = setUp()
  stop()
  await end("failed")
  expect(jest.getTimerCount()).toBe(0)
})

const of = (sessionID: string, directory?: string) => ({
  type: "session.model.selected",
  data: { sessionID },
  ...(directory !== undefined && { location: { directory } }),
})

test("an event concerns the project of its place, and where it names none the one its session was last seen in", () => {
  const concerns = createConcernsProject("/here")
  expect(
    [
      of("a", "/here"),
      of("a"),
      of("b", "/there"),
      of("b"),
      of("unseen"),
      // A session may be moved.
      of("b", "/here"),
      of("b"),
      of("a", "/there"),
      of("a"),
    ].map(concerns),
  ).toEqual([true, true, false, false, true, true, true, false, false])
})

test("an event of no session concerns whoever is in its place, or anyone", () => {
  const concerns = createConcernsProject("/here")
  const events = [{ directory: "/here" }, { directory: "/there" }, {}, undefined]
  expect(events.map((location) => concerns({ type: "model.updated", location }))).toEqual([
    true,
    false,
    true,
    true,
  ])
})
