import { expect, test } from "bun:test"
import { probes } from "../../../src/store/probes.ts"
import { failure, noon } from "../../contract/store/store-records.ts"

test("no probe is needed for a circuit that another process has closed in the same moment", () => {
  const seen = failure("model:a/b", noon)
  const { takeProbe } = probes({ circuit: () => seen, updateCircuit: (_, change) => change(undefined) })
  expect(takeProbe(seen.key, seen.until)).toEqual({ state: "not-needed" })
})
