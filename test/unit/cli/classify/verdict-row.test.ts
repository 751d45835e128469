import { describe, expect, test } from "bun:test"
import { verdictRow } from "../../../../src/cli/classify/verdict-row.ts"

const now = Date.parse("2026-11-21T07:00:00Z")

describe("verdictRow", () => {
  test("says class, fallback, scope, time and rule of a row", () => {
    const row = {
      provider: "anthropic",
      status: 529,
      headers: { "Retry-After": "30" },
      body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    }
    expect(verdictRow(JSON.stringify(row), 1, now)).toEqual({
      class: "overloaded",
      fallback: true,
      scope: expect.any(String),
      retryAt: "2026-11-21T07:00:30.000Z",
      rule: expect.stringContaining("busy"),
    })
  })

  test.each([
    [
      "a body that is an object already",
      { provider: "anthropic", status: 400, body: { error: { message: "Your credit balance is too low" } } },
      "billing",
    ],
    [
      "no status",
      { provider: "openai", status: null, headers: null, body: '{"error":{"code":"server_is_overloaded"}}' },
      "overloaded",
    ],
    ["a thrown error", { code: "ECONNRESET", message: "socket hang up" }, "network"],
    ["headers that are numbers", { status: 429, headers: { "retry-after": 5 } }, "rate_limit"],
    ["nothing at all", {}, "unknown"],
  ])("reads %s", (_title, row, kind) => {
    expect(verdictRow(JSON.stringify(row), 1, now)).toMatchObject({ class: kind })
  })

  test.each([
    ["no JSON", "{bad", "not JSON"],
    ["no object", "[1]", "expected object"],
    ["a status that is a text", '{"status":"429"}', "status: "],
  ])("a line with %s is an error row with its number", (_title, line, why) => {
    const row = verdictRow(line, 7, now)
    expect(row).toMatchObject({ line: 7 })
    expect("error" in row ? row.error : "").toContain(why)
  })
})
