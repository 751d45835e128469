import { describe, expect, test } from "bun:test"
import type { CircuitKey } from "../../../src/core/circuit.ts"
import { pendingSession, type StoreWrite, withPendingCircuit } from "../../../src/store/pending-writes.ts"
import { failure, journalEntry, noon, sessionRecord } from "../../contract/store/store-records.ts"

const key: CircuitKey = "model:a/b"
const oneMore: StoreWrite = {
  type: "circuit",
  key,
  change: (before) => failure(key, noon, (before?.failures ?? 0) + 1),
}
const elsewhere: StoreWrite = { type: "circuit", key: "model:a/other", change: () => undefined }
const journal: StoreWrite = { type: "journal", entry: journalEntry(noon) }
const saved = (sessionID: string, updatedAt: number): StoreWrite => ({
  type: "session",
  sessionID,
  record: sessionRecord(sessionID, updatedAt),
})
const forgotten: StoreWrite = { type: "session", sessionID: "ses_1", record: undefined }

describe("a circuit as it will be once the waiting writes are done", () => {
  test("is what all of its own changes make of it, one after the other", () => {
    const pending = [oneMore, elsewhere, journal, oneMore]
    expect(withPendingCircuit(pending, key, failure(key, noon, 3))).toEqual(failure(key, noon, 5))
    expect(withPendingCircuit(pending, key, undefined)).toEqual(failure(key, noon, 2))
  })
})

describe("what waits about a session", () => {
  const rows: readonly (readonly [string, readonly StoreWrite[], ReturnType<typeof pendingSession>])[] = [
    ["nothing", [journal, saved("ses_2", noon), oneMore], { found: false }],
    [
      "its newest record",
      [saved("ses_1", noon), saved("ses_1", noon + 1), saved("ses_2", noon), journal],
      { found: true, record: sessionRecord("ses_1", noon + 1) },
    ],
    ["that it is forgotten", [saved("ses_1", noon), forgotten], { found: true, record: undefined }],
  ]
  test.each(rows)("is %s", (_, pending, expected) => {
    expect(pendingSession(pending, "ses_1")).toEqual(expected)
  })
})
