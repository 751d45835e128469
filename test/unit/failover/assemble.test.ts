import { expect, test } from "bun:test"
import { settingsSchema } from "../../../src/config/schema.ts"
import { assembleCore } from "../../../src/failover/assemble.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"

test.each([
  ["without a command of the user's the store is used as it is", {}, true],
  ["with one it is told of what the journal gets", { on_switch: ["true"] }, false],
])("%s", async (_, written, isSame) => {
  const store = createMemoryStore({ now: () => 0 })
  const nothing = (): Promise<void> => Promise.resolve()
  const core = await assembleCore({
    loaded: {
      settings: settingsSchema.parse(written),
      files: [],
      elsewhere: [],
      origins: () => Promise.resolve([]),
    },
    host: {
      catalog: () => Promise.resolve({ known: false }),
      log: () => undefined,
      toast: nothing,
      repair: nothing,
    },
    overrides: { store },
  })
  expect(core.store === store).toBe(isSame)
})
