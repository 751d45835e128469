import { expect, test } from "bun:test"
import { createLimitWatch } from "../../../src/accounts/limit-watch.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"

function makeWatch() {
  let clock = Date.parse("2026-11-25T12:00:00Z")
  const now = () => clock
  const store = createMemoryStore({ now })
  const planned: (() => void)[] = []
  let writes = 0
  const counting = {
    limits: () => store.limits(),
    saveLimits: (record: Parameters<typeof store.saveLimits>[0]) => {
      writes += 1
      store.saveLimits(record)
    },
  }
  const watch = createLimitWatch({ store: counting, now, later: (run) => void planned.push(run) })
  return {
    store,
    planned,
    writes: () => writes,
    pass: (ms: number) => void (clock += ms),
    answer: (account: string, utilization: number, reset = 1_795_700_000) =>
      watch.seen(
        { account },
        new Headers({
          "anthropic-ratelimit-unified-5h-utilization": String(utilization),
          "anthropic-ratelimit-unified-5h-reset": String(reset),
        }),
      ),
    run: () => {
      for (const run of planned.splice(0)) run()
    },
  }
}

test("nothing is written while the answer is on its way; afterwards the newest counts", () => {
  const { store, answer, run, planned, writes } = makeWatch()
  answer("anthropic", 0.5)
  answer("anthropic", 0.6)
  answer("other", 0.1)
  expect(store.limits()).toEqual([])
  expect(planned).toHaveLength(1)
  run()
  expect(writes()).toBe(2)
  expect(store.limits().map(({ account, windows }) => [account, windows[0]?.usedPercent])).toEqual([
    ["anthropic", 60],
    ["other", 10],
  ])
})

test("a change of less than a percent waits for a minute", () => {
  const { answer, run, writes, pass } = makeWatch()
  answer("anthropic", 0.5)
  run()
  answer("anthropic", 0.505)
  run()
  expect(writes()).toBe(1)
  pass(60_000)
  answer("anthropic", 0.505)
  run()
  expect(writes()).toBe(2)
  answer("anthropic", 0.52)
  run()
  expect(writes()).toBe(3)
})

test("a limit that begins anew is news, however much of it is used", () => {
  const { answer, run, writes } = makeWatch()
  for (const reset of [1_795_700_000, 1_795_718_000, 1_795_718_059, 1_795_718_060]) {
    answer("anthropic", 0.5, reset)
    run()
  }
  expect(writes()).toBe(3)
})

test("what was written before the store is closed leaves nothing to do behind it", () => {
  const planned: (() => void)[] = []
  let isClosed = false
  const limits = () => {
    if (isClosed) throw new Error("closed")
    return []
  }
  const watch = createLimitWatch({
    store: { limits, saveLimits: () => undefined },
    now: () => 0,
    later: (run) => void planned.push(run),
  })
  watch.seen({ account: "a" }, new Headers({ "anthropic-ratelimit-unified-5h-utilization": "0.5" }))
  watch.flush()
  isClosed = true
  expect(planned).toHaveLength(1)
  for (const run of planned) run()
})

test("what another process saw of other windows stays", () => {
  const { store, answer, run } = makeWatch()
  const seenAt = Date.parse("2026-11-25T11:59:00Z")
  store.saveLimits({
    account: "anthropic",
    windows: [{ name: "7 d", usedPercent: 20, resetsAt: seenAt + 86_400_000, seenAt }],
    updatedAt: seenAt,
  })
  answer("anthropic", 0.5)
  run()
  expect(store.limits()[0]?.windows.map(({ name }) => name)).toEqual(["5 h", "7 d"])
})

test("an answer without limits costs nothing", () => {
  const { planned } = makeWatch()
  const watch = createLimitWatch({
    store: { limits: () => [], saveLimits: () => undefined },
    now: () => 0,
    later: (run) => void planned.push(run),
  })
  watch.seen({ account: "a" }, new Headers({ "content-type": "text/event-stream" }))
  expect(planned).toEqual([])
})
