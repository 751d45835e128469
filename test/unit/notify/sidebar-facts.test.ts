import { expect, test } from "bun:test"
import { sessionFacts, sidebarFacts } from "../../../src/notify/sidebar-facts.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import type { JournalEntry, SessionRecord } from "../../../src/store/store.ts"
import { catalogOf } from "../catalog-of.ts"

const noon = Date.UTC(2026, 0, 1, 12)
const record: SessionRecord = {
  sessionID: "ses_1",
  own: "a/one",
  inUse: "b/two",
  reason: "quota",
  chain: ["b/two", "c/three"],
  updatedAt: noon,
}
const entry: JournalEntry = { at: noon, sessionID: "ses_1", event: "switched", from: "a/one", to: "b/two" }
const circuit = { key: "model:a/one", failures: 1, kind: "quota", failedAt: noon, until: noon + 1 } as const

function storeWith(session: SessionRecord) {
  const store = createMemoryStore({ now: () => noon })
  store.saveSession(session)
  store.appendJournal(entry)
  store.appendJournal({ ...entry, sessionID: "ses_other" })
  store.updateCircuit(circuit.key, () => circuit)
  return store
}

test("a session's facts are its models, its own journal and every circuit", () => {
  expect(sessionFacts(storeWith(record), "ses_1")).toEqual({
    own: "a/one",
    inUse: "b/two",
    chain: ["b/two", "c/three"],
    circuits: [circuit],
    journal: [entry],
    limits: [],
  })
})

test("after a return the own model is the one in use; a session without a record has neither", () => {
  const { inUse: _, ...returned } = record
  const store = storeWith(returned)
  expect(sessionFacts(store, "ses_1")).toMatchObject({ own: "a/one", inUse: "a/one" })
  expect(sessionFacts(store, "ses_new")).toMatchObject({ own: undefined, inUse: undefined, chain: [] })
})

test("for a sidebar elsewhere the facts bring the names of all that they speak of", () => {
  const { names } = sidebarFacts(storeWith(record), catalogOf({ "a/one": { name: "One" } }), "ses_1")
  expect(names).toEqual({ "a/one": "One", "b/two": "b/two", "c/three": "c/three" })
})
