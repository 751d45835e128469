import { expect, test } from "bun:test"
import { createOneAtATime } from "../../../src/async/one-at-a-time.ts"

test("of one key the next begins when the one before is over, whatever became of it; others do not wait", async () => {
  const inOrder = createOneAtATime()
  const gate = Promise.withResolvers<void>()
  const log: string[] = []
  const first = inOrder("a", async () => {
    log.push("first begins")
    await gate.promise
    log.push("first fails")
    throw new Error("no")
  })
  const second = inOrder("a", async () => log.push("second"))
  await inOrder("b", async () => log.push("other"))
  expect(log).toEqual(["first begins", "other"])
  gate.resolve()
  expect(await first.catch(String)).toBe("Error: no")
  expect(await second).toBe(4)
  expect(log.slice(2)).toEqual(["first fails", "second"])
})

test("whoever comes when the first of several is over waits for the others too", async () => {
  const inOrder = createOneAtATime()
  const gate = Promise.withResolvers<void>()
  const log: string[] = []
  await Promise.all([
    inOrder("a", async () => log.push("first")),
    inOrder("a", async () => {
      await gate.promise
      log.push("second")
    }),
    // Once the first is over.
    new Promise((resolve) => setImmediate(resolve)).then(() => {
      const third = inOrder("a", async () => log.push("third"))
      setImmediate(() => gate.resolve())
      return third
    }),
  ])
  expect(log).toEqual(["first", "second", "third"])
})

test("what never ends counts as failed after the bound, and the next begins", async () => {
  const inOrder = createOneAtATime(5)
  const endless = inOrder("a", () => new Promise(() => undefined))
  const next = inOrder("a", async () => "next")
  expect(await endless.catch(String)).toBe("Error: OpenCode has not answered within 0.005 s")
  expect(await next).toBe("next")
})
