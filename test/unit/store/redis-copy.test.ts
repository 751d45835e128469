import { describe, expect, test } from "bun:test"
import { type CircuitKey, heldCircuit } from "../../../src/core/circuit.ts"
import type { CircuitEntry } from "../../../src/store/circuit-entry.ts"
import { createRedisCopy } from "../../../src/store/redis-copy.ts"
import { storeBounds } from "../../../src/store/store.ts"
import {
  accountLimits,
  failure,
  failureEntry,
  journalEntry,
  noon,
  sessionRecord,
} from "../../contract/store/store-records.ts"

const key: CircuitKey = "model:a/b"
const failedAt = (at: number): CircuitEntry => failureEntry(key, at)

describe("this process's copy of what the server holds", () => {
  test("takes over of a circuit what is newer, and keeps what is not", () => {
    const copy = createRedisCopy(() => noon)
    copy.mergeEntry(key, failedAt(noon))
    expect(copy.circuit(key)).toEqual(failure(key, noon))
    copy.mergeEntry(key, failedAt(noon - 1))
    expect(copy.entry(key)).toEqual(failedAt(noon))
    copy.mergeEntry(key, { at: noon + 1, revisedAt: noon + 1, record: null })
    expect([copy.circuit(key), copy.circuits()]).toEqual([undefined, []])
  })

  test("gives up the entry whose word is oldest, of two the one told first, and a hold last", () => {
    const copy = createRedisCopy(() => noon)
    const add = (name: string, at: number): void =>
      copy.setEntry(`model:a/${name}`, { at, revisedAt: at, record: null })
    add("newer", noon + 1)
    add("oldest", noon)
    const record = heldCircuit("model:a/held", noon - 1)
    copy.setEntry("model:a/held", { at: noon - 1, revisedAt: noon - 1, record })
    add("as-old", noon)
    for (let index = 4; index < storeBounds.circuits; index += 1) add(`more-${index}`, noon + 2)
    const kept = (): readonly string[] =>
      ["newer", "oldest", "held", "as-old"].filter((name) => copy.entry(`model:a/${name}`))
    expect(kept()).toHaveLength(4)
    add("last", noon + 2)
    expect(kept()).toEqual(["newer", "held", "as-old"])
  })

  test("answers the journal in the order of its numbers, in whichever order it came", () => {
    const copy = createRedisCopy(() => noon)
    for (const id of ["2", "1", "3"]) copy.addNumbered({ id, entry: journalEntry(noon, `ses_${id}`) })
    const sessions = copy.journal({ limit: 9 }).map(({ sessionID }) => sessionID)
    expect(sessions).toEqual(["ses_3", "ses_2", "ses_1"])
  })

  const times: readonly (readonly [string, number, boolean])[] = [
    ["older", noon - 1, false],
    ["as old", noon, true],
    ["newer", noon + 1, true],
  ]
  test.each(times)("of another machine's record that is %s: %i, %p", (_, updatedAt, isTaken) => {
    const copy = createRedisCopy(() => noon)
    copy.mergeSession(sessionRecord("ses_1", noon))
    copy.mergeLimits({ ...accountLimits("other", noon + 9) })
    copy.mergeLimits(accountLimits("acme", noon))
    const session = { ...sessionRecord("ses_1", updatedAt), own: "their/choice" } as const
    const limits = { account: "acme", windows: [], updatedAt }
    copy.mergeSession(session)
    copy.mergeLimits(limits)
    expect(copy.session("ses_1")).toEqual(isTaken ? session : sessionRecord("ses_1", noon))
    expect(copy.limits()).toContainEqual(isTaken ? limits : accountLimits("acme", noon))
    expect(copy.limits()).toHaveLength(2)
  })
})
