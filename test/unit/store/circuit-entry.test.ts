import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { type CircuitKey, type CircuitRecord, heldCircuit } from "../../../src/core/circuit.ts"
import { changedEntry, type CircuitEntry, mergedEntry, sameEntry } from "../../../src/store/circuit-entry.ts"

const key: CircuitKey = "model:a/b"

function failed(failedAt: number, until = failedAt + 60): CircuitRecord {
  return { key, failures: 1, kind: "rate_limit", failedAt, until }
}

function written(
  before: CircuitEntry | undefined,
  after: CircuitRecord | undefined,
  now: number,
): CircuitEntry {
  const entry = changedEntry(before, after, now)
  if (!entry) throw new Error("nothing changed")
  return entry
}

const failedAt10 = written(undefined, failed(10), 10)
const heldAt10 = written(undefined, heldCircuit(key, 10), 10)
const closedAt20 = written(failedAt10, undefined, 20)
const resetAt20 = written(heldAt10, undefined, 20)

describe("of two machines' words on one circuit", () => {
  const rows: readonly (readonly [string, CircuitEntry, CircuitEntry])[] = [
    ["the later failure holds", written(undefined, failed(11), 11), failedAt10],
    [
      "of failures in the same millisecond the longer cooldown holds",
      written(undefined, failed(10, 100), 10),
      failedAt10,
    ],
    [
      "of words with the same times the same one holds everywhere",
      written(undefined, { ...failed(10), failures: 2 }, 10),
      failedAt10,
    ],
    ["a success after the failure holds", closedAt20, failedAt10],
    [
      "a success holds against an old failure that arrives late",
      closedAt20,
      written(undefined, failed(15), 15),
    ],
    ["a failure after the success holds", written(undefined, failed(21), 21), closedAt20],
    [
      "a failure after the success holds even on a machine whose clock is behind",
      written(closedAt20, failed(12), 12),
      closedAt20,
    ],
    [
      "a probe holds against the failure it probes",
      written(failedAt10, { ...failed(10), probeUntil: 100 }, 70),
      failedAt10,
    ],
    [
      "a later failure holds against a probe of the one before",
      written(undefined, failed(60), 60),
      written(failedAt10, { ...failed(10), probeUntil: 100 }, 70),
    ],
    ["a hold holds against a later failure", heldAt10, written(undefined, failed(50), 50)],
    ["a hold holds against a later success", heldAt10, closedAt20],
    ["a reset ends the hold", resetAt20, heldAt10],
    ["a reset ends a hold of the same instant", resetAt20, written(undefined, heldCircuit(key, 20), 20)],
    ["a failure after the reset holds", written(undefined, failed(50), 50), resetAt20],
    ["a hold after the reset holds", written(undefined, heldCircuit(key, 30), 30), resetAt20],
  ]
  test.each(rows)("%s", (_, winner, loser) => {
    expect(mergedEntry(winner, loser)).toEqual(winner)
    expect(mergedEntry(loser, winner)).toEqual(winner)
  })

  test("a success that nobody had a failure for says nothing", () => {
    expect(changedEntry(undefined, undefined, 10)).toBeUndefined()
    expect(changedEntry(closedAt20, undefined, 30)).toBeUndefined()
  })

  test("a reset is remembered beyond a later success", () => {
    const closedAt30 = written(failedAt10, undefined, 30)
    expect(mergedEntry(closedAt30, resetAt20)).toEqual({ ...closedAt30, resetAt: 20 })
    expect(mergedEntry(resetAt20, closedAt30)).toEqual({ ...closedAt30, resetAt: 20 })
  })

  test("a failure has its own time, a probe that of the failure it probes", () => {
    expect(written(failedAt10, failed(30), 30)).toMatchObject({ at: 30, revisedAt: 30 })
    expect(written(failedAt10, { ...failed(10), probeUntil: 100 }, 70)).toMatchObject({
      at: 10,
      revisedAt: 70,
    })
  })

  test("they say the same whatever the order of their fields", () => {
    const { record, ...stamps } = failedAt10
    expect(sameEntry(failedAt10, { record, ...stamps })).toBe(true)
    expect(sameEntry(failedAt10, closedAt20)).toBe(false)
  })
})

describe("for any entries", () => {
  const stamp = fc.integer({ min: 0, max: 5 })
  const records = fc
    .record({ at: stamp, revisedAt: stamp, until: stamp, failures: fc.integer({ min: 1, max: 3 }) })
    .map(({ at, revisedAt, until, failures }): CircuitEntry => {
      return { at, revisedAt, record: { ...failed(at, until), failures } }
    })
  const gone = stamp.map((at): CircuitEntry => ({ at, revisedAt: at, record: null }))
  const reset = stamp.map((at): CircuitEntry => ({ at, revisedAt: at, record: null, resetAt: at }))
  const held = stamp.map((at): CircuitEntry => ({ at, revisedAt: at, record: heldCircuit(key, at) }))

  test("the order of two does not matter, and saying it twice changes nothing", () => {
    const any = fc.oneof(records, gone, reset, held)
    fc.assert(
      fc.property(any, any, (a, b) => {
        const merged = mergedEntry(a, b)
        expect(mergedEntry(b, a)).toEqual(merged)
        expect(mergedEntry(merged, b)).toEqual(merged)
        expect(mergedEntry(a, merged)).toEqual(merged)
      }),
    )
  })

  test("without holds the order of many does not matter", () => {
    const any = fc.oneof(records, gone)
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(mergedEntry(mergedEntry(a, b), c)).toEqual(mergedEntry(a, mergedEntry(b, c)))
      }),
    )
  })
})
