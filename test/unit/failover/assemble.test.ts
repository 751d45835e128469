import { expect, test } from "bun:test"
import { defaultSettings } from "../../../src/config/schema.ts"
import { assembleCore, closeCore } from "../../../src/failover/assemble.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import type { Store } from "../../../src/store/store.ts"
import { settle } from "../store/simulated-redis.ts"

const coreOn = (store?: Store, settings = defaultSettings()) =>
  assembleCore({
    loaded: { settings, files: [], elsewhere: [], origins: () => Promise.resolve([]) },
    host: {
      catalog: () => Promise.resolve({ known: false } as const),
      log: () => {},
      toast: () => Promise.resolve(),
    },
    overrides: { ...(store && { store }) },
  })

test("without a command for switches the journal is the store's alone", async () => {
  const core = await coreOn(createMemoryStore({ now: Date.now }))
  core.store.appendJournal({ at: core.now(), sessionID: "s", event: "exhausted", from: "a/1" })
  expect(core.store.journal({ limit: 9 })).toHaveLength(1)
})

test("the store believes a cooldown as long as the settings allow", async () => {
  const settings = defaultSettings()
  const runtime = { ...settings.runtime_fallback, store: "memory", max_cooldown_seconds: 3_600 }
  const { store, now } = await coreOn(undefined, { ...settings, runtime_fallback: runtime })
  const failedAt = now()
  const until = failedAt + 1_800_000
  const record = { key: "model:a/1", failures: 1, kind: "quota", failedAt, until } as const
  store.updateCircuit(record.key, () => record)
  expect(store.circuit(record.key)).toEqual(record)
  await store.close()
})

test("the core is there once its store has read what other machines know: the first prompt goes by it", async () => {
  const { promise: ready, resolve } = Promise.withResolvers<void>()
  const seen: string[] = []
  const core = coreOn({ ...createMemoryStore({ now: Date.now }), ready }).then((made) => {
    seen.push("the core")
    return made
  })
  await settle()
  seen.push("the store")
  resolve()
  await closeCore(await core)
  expect(seen).toEqual(["the store", "the core"])
})

test.each<[string, () => void, string]>([
  ["what was seen of limits is written first", () => undefined, "closed"],
  [
    "a store that takes it no more is closed nevertheless",
    () => {
      throw new Error("full")
    },
    "Error: full",
  ],
])("at the end %s", async (_, flush, outcome) => {
  const order: string[] = []
  const core = {
    limits: {
      seen: () => undefined,
      flush: () => {
        order.push("limits")
        flush()
      },
    },
    store: { close: async () => void order.push("store") },
  }
  expect(await closeCore(core as never).then(() => "closed", String)).toBe(outcome)
  expect(order).toEqual(["limits", "store"])
})
