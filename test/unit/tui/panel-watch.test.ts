import { describe, expect, test } from "bun:test"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import type { Panel, PanelFacts } from "../../../src/tui/panel-model.ts"
import { watchPanel } from "../../../src/tui/panel-watch.ts"

/** A watch on `a/one`, a clock that only the test moves, and all that the watch did. */
function start(cooldownMs: number) {
  let now = 0
  let timers: readonly { readonly at: number; readonly run: () => void }[] = []
  let fault: Error | undefined
  const model: ModelKey = "a/one"
  const reads: number[] = []
  const shown: Panel[] = []
  const reported: unknown[] = []
  const read = (): PanelFacts => {
    reads.push(now)
    if (fault) throw fault
    return {
      own: model,
      inUse: model,
      chain: [],
      circuits: [{ key: "model:a/one", failures: 1, kind: "quota", failedAt: 0, until: cooldownMs }],
      journal: [],
      limits: [],
      nameOf: String,
      now,
    }
  }
  const watch = watchPanel({
    read,
    show: (panel) => shown.push(panel),
    report: (error) => reported.push(error),
    after: (ms, run) => {
      const timer = { at: now + ms, run }
      timers = [...timers, timer]
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
  })
  const pass = (ms: number): void => {
    const end = now + ms
    for (;;) {
      const next = timers.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= end)
      if (!next) break
      timers = timers.filter((timer) => timer !== next)
      now = next.at
      next.run()
    }
    now = end
  }
  return {
    watch,
    pass,
    reads,
    reported,
    notes: () =>
      shown.map(({ lines }) => lines.map((line) => (line.line === "model" ? line.note : line.text)).join()),
    fail: (error: Error | undefined) => {
      fault = error
    },
  }
}

describe("a panel's watch", () => {
  test("looks every second while something counts down, and not once more after that", () => {
    const { pass, reads, notes } = start(2_500)
    pass(60_000)
    expect(notes()).toEqual(["3 s", "2 s", "1 s", ""])
    expect(reads).toEqual([0, 1000, 2000, 3000])
  })

  test("makes one look of many events", () => {
    const { watch, pass, reads } = start(0)
    pass(10_000)
    for (let event = 0; event < 50; event += 1) {
      watch.poke()
      pass(2)
    }
    pass(1_000)
    expect(reads).toEqual([0, 10150])
  })

  test("goes on counting down after an event, with one timer", () => {
    const { watch, pass, reads } = start(3_000)
    pass(500)
    watch.poke()
    pass(2_000)
    expect(reads).toEqual([0, 650, 1650])
  })

  test("does nothing after its end, whatever is poked", () => {
    const { watch, pass, reads } = start(60_000)
    watch.poke()
    watch.stop()
    watch.poke()
    pass(60_000)
    expect(reads).toEqual([0])
  })

  test("shows nothing while it fails, says so once, and recovers", () => {
    const { watch, pass, notes, fail, reported } = start(60_000)
    const fault = new Error("the store is gone")
    fail(fault)
    for (let event = 0; event < 3; event += 1) {
      watch.poke()
      pass(1_000)
    }
    expect(notes()).toEqual(["1 min", "", "", ""])
    expect(reported).toEqual([fault])
    fail(undefined)
    watch.poke()
    pass(150)
    expect(notes().at(-1)).toBe("57 s")
  })
})

test("while nothing is known yet the panel is empty, and that is no fault", () => {
  const shown: Panel[] = []
  const report = (error: unknown): void => {
    throw error
  }
  watchPanel({
    read: () => undefined,
    show: (panel) => shown.push(panel),
    report,
    after: () => () => undefined,
  })
  expect(shown).toEqual([{ lines: [], countsDown: false }])
})
