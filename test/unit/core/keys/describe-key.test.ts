import { expect, test } from "bun:test"
import { type CircuitRecord, keyCircuit } from "../../../../src/core/circuit.ts"
import { describeKeyChange, describeKeys } from "../../../../src/core/keys/describe-key.ts"

const now = 1_000_000

test.each([
  [1, 2, "rate_limit", "a: the first key's limit is reached, continuing with the second."],
  [2, 3, "quota", "a: the second key's quota is used up, continuing with the third."],
  [3, 1, "billing", "a: the third key is out of credit, continuing with the first."],
  [7, 8, "auth", "a: the 7th key was rejected, continuing with the 8th."],
  [2, 3, "bad_request", "a: the second key does not take this session, continuing with the third."],
  [2, 3, "model_not_found", "a: the second key has not got the model, continuing with the third."],
] as const)("a change of key in words: %s to %s", (from, to, kind, text) => {
  expect(describeKeyChange("a", from, to, kind)).toBe(text)
})

test("no return is promised for a key that needs somebody", () => {
  const circuits = (["auth", "billing"] as const).map((kind, index): CircuitRecord => ({
    key: keyCircuit("a", `f${index}`),
    failures: 1,
    kind,
    failedAt: now,
    until: now + 40_000,
    keyNumber: index + 1,
  }))
  expect(describeKeys(new Map([["a", 2]]), { missing: [], circuits, now })).toEqual([
    {
      provider: "a",
      keys: ["key 1: key was rejected, check the key of a", "key 2: out of credit, top up a"],
    },
  ])
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
  const counts = new Map([
    ["a", 5],
    ["b", 2],
  ])
  const missing = [
    { provider: "a", number: 5 },
    { provider: "b", number: 1 },
  ]
  expect(describeKeys(counts, { missing, circuits, now })).toEqual([
    {
      provider: "a",
      keys: [
        "key 1: usage limit reached, back in 40 s",
        "key 2: ready",
        "key 3: ready",
        "key 4: usage limit reached, back in 50 s",
        "key 5: missing",
      ],
    },
    { provider: "b", keys: ["key 1: missing", "key 2: ready"] },
  ])
})
