import { describe, expect, test } from "bun:test"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import type { JournalEntry, SessionRecord } from "../../../src/store/store.ts"
import { createPanelReader } from "../../../src/tui/panel-reader.ts"

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

function start() {
  const store = createMemoryStore({ now: () => noon })
  let journalReads = 0
  const read = createPanelReader({
    store: {
      ...store,
      journal: (query) => {
        journalReads += 1
        return store.journal(query)
      },
    },
    nameOf: (model) => model,
    lastAsked: (sessionID) => (sessionID === "ses_new" ? undefined : "x/asked"),
    now: () => noon,
    clock: (at, now) => `${at - now}`,
  })
  return { store, read, journalReads: () => journalReads }
}

describe("the panel's reader", () => {
  test("gives the session's models, its journal and every circuit", () => {
    const { store, read } = start()
    store.saveSession(record)
    store.appendJournal(entry)
    store.appendJournal({ ...entry, sessionID: "ses_other" })
    const circuit = {
      key: "model:a/one",
      failures: 1,
      kind: "quota",
      failedAt: noon,
      until: noon + 1,
    } as const
    store.updateCircuit(circuit.key, () => circuit)
    const facts = read("ses_1", "event")
    expect(facts).toMatchObject({
      own: "a/one",
      inUse: "b/two",
      chain: record.chain,
      journal: [entry],
      now: noon,
    })
    expect(facts.circuit("model:a/one")).toEqual(circuit)
    expect(facts.circuit("model:b/two")).toBeUndefined()
    expect(facts.clock(noon - 5)).toBe("-5")
  })

  test("takes the newest prompt's model where nothing is on record, and none for an empty session", () => {
    const { read } = start()
    expect(read("ses_1", "event")).toMatchObject({ own: "x/asked", inUse: "x/asked", chain: [] })
    expect(read("ses_new", "event").own).toBeUndefined()
  })

  test("gives the own model as the one in use after a return", () => {
    const { store, read } = start()
    const { inUse: _, ...returned } = record
    store.saveSession(returned)
    expect(read("ses_1", "event")).toMatchObject({ own: "a/one", inUse: "a/one" })
  })

  test("spares the journal on a tick, unless the session or its record is another", () => {
    const { store, read, journalReads } = start()
    store.saveSession(record)
    read("ses_1", "event")
    read("ses_1", "tick")
    read("ses_1", "tick")
    expect(journalReads()).toBe(1)
    store.appendJournal(entry)
    store.saveSession({ ...record, updatedAt: noon + 1 })
    expect(read("ses_1", "tick").journal).toEqual([entry])
    read("ses_2", "tick")
    read("ses_2", "event")
    expect(journalReads()).toBe(4)
  })
})
