import { expect, test } from "bun:test"
import { settingsRows, valueText } from "../../../../src/cli/config/config-command.ts"
import { settingsSchema } from "../../../../src/config/schema.ts"
import { pathText } from "../../../../src/config/settings-problem.ts"

test("every value in force is a row, models by their names, and no secret", () => {
  const settings = settingsSchema.parse({
    runtime_fallback: { cooldown_seconds: 5, store: "redis://me:hunter2@host:1" },
    fallback_models: ["a/b", { model: "c/d", variant: "high" }],
    agents: { build: { fallback_models: [] } },
  })
  const rows = Object.fromEntries(settingsRows(settings).map((row) => [pathText(row.path), valueText(row)]))
  expect(rows).toMatchObject({
    "runtime_fallback.cooldown_seconds": "5",
    "runtime_fallback.enabled": "true",
    "runtime_fallback.store": '"redis://***@host:1"',
    fallback_models: "a/b, c/d (high)",
    "agents.build.fallback_models": "none",
  })
  expect(JSON.stringify(settingsRows(settings))).not.toContain("hunter2")
})
