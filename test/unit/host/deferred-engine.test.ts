import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import { deferEngine } from "../../../src/host/deferred-engine.ts"

function world() {
  const seen: string[] = []
  const gate = Promise.withResolvers<void>()
  const dispose = async (): Promise<void> => {
    await new Promise((later) => setImmediate(later))
    seen.push("disposed")
  }
  const engine = { dispose }
  const deferred = deferEngine(
    async () => {
      seen.push("created")
      await gate.promise
      return engine
    },
    (error) => seen.push(String(error)),
  )
  return { seen, gate, engine, deferred }
}

describe("an engine that is created when somebody needs it", () => {
  test("is not created before, and once for everybody", async () => {
    const { seen, gate, engine, deferred } = world()
    expect(seen).toEqual([])
    const both = Promise.all([deferred.get(), deferred.get()])
    gate.resolve()
    expect(await both).toEqual([engine, engine])
    expect(seen).toEqual(["created"])
  })

  test("that cannot be created is reported once, and nobody fails by it", async () => {
    const { seen, gate, deferred } = world()
    const first = deferred.get()
    gate.reject(new Error("no"))
    expect([await first, await deferred.get()]).toEqual([undefined, undefined])
    expect(seen).toEqual(["created", "Error: no"])
    await deferred.dispose()
  })

  test("that is disposed of while it is created is never used, and ends", async () => {
    const { seen, gate, deferred } = world()
    const asked = deferred.get()
    const disposed = deferred.dispose()
    gate.resolve()
    expect(await asked).toBeUndefined()
    await disposed
    expect(seen).toEqual(["created", "disposed"])
  })

  test("that nobody needed is not created at the end", async () => {
    const { seen, deferred } = world()
    await deferred.dispose()
    expect(await deferred.get()).toBeUndefined()
    expect(seen).toEqual([])
  })
})

describe("on a clock of the test, an engine that nobody needs", () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  test("is created a moment after the start, and asked for later is the same", () => {
    const { seen, deferred } = world()
    jest.advanceTimersByTime(2_999)
    expect(seen).toEqual([])
    jest.advanceTimersByTime(1)
    expect(seen).toEqual(["created"])
    void deferred.get()
    expect(seen).toEqual(["created"])
  })

  test.each([
    ["somebody has needed it", ({ deferred }: ReturnType<typeof world>) => deferred.get()],
    ["it was disposed of", ({ deferred }: ReturnType<typeof world>) => deferred.dispose()],
  ])("is not waited for any more once %s", (_, happens) => {
    const that = world()
    void happens(that)
    expect(jest.getTimerCount()).toBe(0)
  })
})
