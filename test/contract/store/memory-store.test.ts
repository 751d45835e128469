import { createMemoryStore } from "../../../src/store/memory-store.ts"
import { storeContract } from "./store-contract.ts"

storeContract("memory", {
  shared: false,
  open: (now) => Promise.resolve(createMemoryStore({ now })),
  settle: () => Promise.resolve(),
  cleanUp: () => Promise.resolve(),
})
