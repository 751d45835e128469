import { describe, expect, test } from "bun:test"
import { failureOfRetry } from "../../../../../src/opencode/v2/turns/retry.ts"

describe("what OpenCode says of a failure whose answer was not seen", () => {
  const rows = [
    [{ type: "provider.rate-limit", message: "m" }, { status: 429 }],
    [{ type: "provider.quota", message: "m" }, { status: 402 }],
    [{ type: "provider.internal", message: "m" }, { status: 500 }],
    [{ type: "provider.auth", message: "m" }, { status: 401 }],
    [{ type: "provider.invalid-output", message: "m" }, { status: 502 }],
    [{ type: "provider.transport", message: "m" }, { code: "ECONNRESET" }],
    // The connection broke in the middle of a good answer.
    [{ type: "provider.transport", message: "m", status: 200 }, { code: "ECONNRESET" }],
    [{ type: "provider.unknown", message: "m" }, {}],
    [{ type: "toString", message: "m" }, {}],
    [{ type: "provider.internal", message: "m", status: 529 }, { status: 529 }],
    [{ type: "provider.internal", message: "m", status: 400 }, { status: 400 }],
    [{ type: "provider.internal", message: "m", status: 399 }, { status: 500 }],
  ] as const
  for (const [error, read] of rows)
    test(`${error.type} ${"status" in error ? error.status : ""}`, () => {
      expect(failureOfRetry({ error })).toEqual({ message: "m", ...read })
    })
})
