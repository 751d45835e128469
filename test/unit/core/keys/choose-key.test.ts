import { describe, expect, test } from "bun:test"
import { type CircuitRecord, keyCircuit } from "../../../../src/core/circuit.ts"
import { chooseKey } from "../../../../src/core/keys/choose-key.ts"

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
