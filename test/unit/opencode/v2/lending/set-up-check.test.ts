import { expect, test } from "bun:test"
import type { ModelReference } from "../../../../../src/opencode/v2/host/context.ts"
import { createSetUpCheck } from "../../../../../src/opencode/v2/lending/set-up-check.ts"

const sessionID = "ses_1"
const model: ModelReference = { id: "1", providerID: "b" }

test("an instance that has come in the middle of another's question lets no request of it out", async () => {
  const asking = new Set<string>()
  const seen: boolean[] = []
  const see = (): void => {
    seen.push(later.seen({ sessionID, agent: "build", kind: "generate", model }))
  }
  const generate = (): Promise<unknown> => Promise.resolve(see())
  const deps = { context: { session: { generate } }, host: { log: () => undefined }, asking }
  const [earlier, later] = [createSetUpCheck(deps), createSetUpCheck(deps)]
  await earlier.failureOf(sessionID, model)
  see()
  expect(seen).toEqual([true, false])
})

test("a question that takes too long lets no request out when it is answered after all", async () => {
  const { promise, resolve } = Promise.withResolvers<unknown>()
  const asking = new Set<string>()
  const context = { session: { generate: () => promise } }
  const check = createSetUpCheck({ context, host: { log: () => undefined }, asking, longestMs: 0 })
  await check.failureOf(sessionID, model)
  expect(check.seen({ sessionID, agent: "build", kind: "generate", model })).toBe(true)
  resolve(undefined)
  await promise
  await Promise.resolve()
  expect([...asking]).toEqual([])
})
