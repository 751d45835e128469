import { describe, expect, test } from "bun:test"
import { settingsJsonSchema } from "../../../script/settings-json-schema.ts"
import { settingsTable } from "../../../script/settings-table-text.ts"

const table = settingsTable(settingsJsonSchema())

describe("the table of settings", () => {
  test.each([
    "| `runtime_fallback.cooldown_seconds` | 60 | Seconds, 0 to 604800, that a model is left alone after a failure when the provider gives no time. |",
    "| `agents.*.fallback_models` | – | Models to fall back to when this agent's model fails, in order. |",
    "| `providers.*.allow_fallback` | true |",
    "| `runtime_fallback.same_model_retries` | 1 for network, server_error and empty_answer, 0 for all others |",
  ])("has the row %s", (row) => {
    expect(table).toContain(row)
  })

  test("has one row per key, each with three cells", () => {
    const rows = table.split("\n").slice(2)
    expect(new Set(rows.map((row) => row.split(" | ")[0])).size).toBe(rows.length)
    expect(rows.filter((row) => row.split(/(?<!\\)\|/).length !== 5)).toEqual([])
  })
})
