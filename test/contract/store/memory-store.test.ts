import { expect, test } from "bun:test"
import { type CircuitKey, heldCircuit } from "../../../src/core/circuit.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import { storeBounds } from "../../../src/store/store.ts"
import { storeContract } from "./store-contract.ts"
import { failure, noon } from "./store-records.ts"

storeContract("memory", {
  shared: false,
  open: (now) => Promise.resolve(createMemoryStore({ now })),
  settle: () => Promise.resolve(),
  cleanUp: () => Promise.resolve(),
})

test("the memory store gives up the oldest failure, whenever it was told; of two the one told first", () => {
  const store = createMemoryStore({ now: () => noon })
  const add = (key: CircuitKey, failedAt: number) => store.updateCircuit(key, () => failure(key, failedAt))
  add("model:a/newer", noon + 1)
  add("model:a/oldest", noon)
  store.updateCircuit("model:a/held", () => heldCircuit("model:a/held", noon - 1))
  add("model:a/as-old", noon)
  const fill = storeBounds.circuits - 4
  for (let index = 0; index < fill; index += 1) add(`model:b/${index}`, noon + 2)
  const kept = (): readonly CircuitKey[] =>
    (["model:a/newer", "model:a/oldest", "model:a/held", "model:a/as-old"] as const).filter((key) =>
      store.circuit(key),
    )
  expect(kept()).toHaveLength(4)
  add("model:b/last", noon + 2)
  expect(kept()).toEqual(["model:a/newer", "model:a/held", "model:a/as-old"])
})
