import { describe, expect, test } from "bun:test"
import { type CircuitRecord, circuitSubject, keyCircuit } from "../../../../src/core/circuit.ts"
import { chooseKey } from "../../../../src/core/keys/choose-key.ts"
import { describeKeyChange, describeKeys } from "../../../../src/core/keys/describe-key.ts"

const now = 1_000_000
const key = (number: number) => ({ number, fingerprint: `f${number}` })
const keys = [key(1), key(2), key(3)]

type Rest = { readonly until: number; readonly probeUntil?: number }

describe("the key for the next request is", () => {
  test.each<[string, Readonly<Record<number, Rest>>, readonly number[], number | undefined]>([
    ["the first", {}, [], 1],
    ["the first that is well", { 1: { until: now + 1 } }, [], 2],
    ["one whose rest is over", { 1: { until: now } }, [], 1],
    ["none that another request is just trying", { 1: { until: now, probeUntil: now + 1 } }, [], 2],
    ["none that has just failed", {}, [1], 2],
    [
      "the one that is back first, when none is well",
      { 1: { until: now + 3 }, 2: { until: now + 1 }, 3: { until: now + 2 } },
      [],
      2,
    ],
    [
      "nobody's, once one has been tried and none is well",
      { 2: { until: now + 1 }, 3: { until: now + 1 } },
      [1],
      undefined,
    ],
    ["nobody's, when all have been tried", {}, [1, 2, 3], undefined],
  ])("%s", (_, rests, tried, expected) => {
    const circuit = ({
      number,
      fingerprint,
    }: {
      readonly number: number
      readonly fingerprint: string
    }): CircuitRecord | undefined => {
      const rest = rests[number]
      return (
        rest && { key: keyCircuit("a", fingerprint), failures: 1, kind: "rate_limit", failedAt: now, ...rest }
      )
    }
    expect(chooseKey(keys, tried.map(key), circuit, now)?.number).toBe(expected as number)
  })
})

test("a key's circuit and the way back", () => {
  expect(circuitSubject(keyCircuit("a/b", "0af"))).toEqual({ providerID: "a/b", fingerprint: "0af" })
  for (const text of ["key:a", "key:#0af", "key:a#", "key:"]) expect(circuitSubject(text)).toBeUndefined()
})

test.each([
  [1, 2, "rate_limit", "a: the first key's limit is reached, continuing with the second."],
  [2, 3, "quota", "a: the second key's quota is used up, continuing with the third."],
  [3, 1, "billing", "a: the third key is out of credit, continuing with the first."],
  [7, 8, "auth", "a: the 7th key was rejected, continuing with the 8th."],
] as const)("a change of key in words: %s to %s", (from, to, kind, text) => {
  expect(describeKeyChange("a", from, to, kind)).toBe(text)
})

test("the keys of a provider by number and state", () => {
  const record = (keyNumber: number, fingerprint: string, failedAt: number): CircuitRecord => ({
    key: keyCircuit("a", fingerprint),
    failures: 1,
    kind: "quota",
    failedAt,
    until: failedAt + 40_000,
    keyNumber,
  })
  const told = { ...record(4, "y", now), toldBackAt: now + 50_000 }
  const circuits = [record(1, "old", now - 40_000), record(1, "new", now), record(3, "x", now - 50_000), told]
  expect(describeKeys("a", 4, circuits, now)).toEqual([
    "key 1: usage limit reached, back in 40 s",
    "key 2: ready",
    "key 3: ready",
    "key 4: usage limit reached, back in 50 s",
  ])
  expect(describeKeys("b", 2, circuits, now)).toEqual(["key 1: ready", "key 2: ready"])
})
