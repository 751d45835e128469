import { expect, test } from "bun:test"
import { dropOldest, type Kept } from "../../../../../src/opencode/v1/lending/kept-messages.ts"

type Model = "a/own" | "b/1"

function kept(wanted: Model, stored: Model): Kept {
  const own = { model: "a/own" } as const
  return {
    written: {},
    own,
    agent: "build",
    wanted: { model: wanted },
    lentTo: undefined,
    stored,
    isRewriting: false,
    overwritten: 0,
  }
}

test.each<[count: number, wanted: Model, stored: Model, left: number]>([
  [25, "a/own", "a/own", 25],
  [30, "a/own", "a/own", 25],
  [50, "b/1", "b/1", 50],
  [50, "a/own", "b/1", 50],
  [51, "b/1", "b/1", 50],
])("of %i messages that are to name %s and name %s %i are kept, the newest among them", (count, ...row) => {
  const [wanted, stored, left] = row
  const messages = new Map(Array.from({ length: count }, (_, at) => [`msg_${at}`, kept(wanted, stored)]))
  dropOldest(messages)
  expect([messages.size, messages.has(`msg_${count - 1}`)]).toEqual([left, true])
})
