import { expect, test } from "bun:test"
import { settingsSchema } from "../../../src/config/schema.ts"
import { createTimeouts } from "../../../src/failover/timeouts.ts"
import { chunkTimeouts } from "../../../src/opencode/v1/plugin.ts"

test("a model's own timeouts outrank those of all, and the host's limit is met just before it", () => {
  const settings = settingsSchema.parse({
    runtime_fallback: { first_token_timeout_seconds: 20, stall_timeout_seconds: 10 },
    models: { "ollama/qwen": { first_token_timeout_seconds: 300 } },
  })
  const timeouts = createTimeouts(settings, (model) => (model === "a/1" ? 300_000 : 2_500))
  expect(timeouts("a/1")).toEqual({ firstTokenMs: 20_000, stallMs: 10_000, bytesMs: 298_000 })
  expect(timeouts("Ollama/Qwen")).toEqual({ firstTokenMs: 300_000, stallMs: 10_000, bytesMs: 2_000 })
})

test("OpenCode's limit is the provider's chunkTimeout, 300 s where none is set, none where it is off", () => {
  const options = (chunkTimeout: unknown) => ({ options: { chunkTimeout } })
  const limit = chunkTimeouts({
    provider: { a: options(2_500), b: options(false), c: options("soon"), d: {} },
  })
  expect([limit("a/1"), limit("b/1"), limit("c/1"), limit("d/1"), limit("e/1")]).toEqual([
    2_500, 0, 300_000, 300_000, 300_000,
  ])
  const none = { firstTokenMs: 0, stallMs: 0, bytesMs: 0 }
  expect(createTimeouts(settingsSchema.parse({}), () => 0)("a/1")).toEqual(none)
})
