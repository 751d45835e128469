import { describe, expect, test } from "bun:test"
import { wasAbortedByUser } from "../../../../../src/opencode/v1/in-flight/user-abort.ts"

describe("wasAbortedByUser", () => {
  const timeout = Object.assign(new Error("no headers"), { name: "ProviderHeaderTimeoutError" })
  test.each([
    ["no signal", undefined, false],
    ["a signal at rest", new AbortController().signal, false],
    ["an abort", AbortSignal.abort(), true],
    ["an abort with any reason", AbortSignal.abort("stop"), true],
    ["OpenCode's own timer", AbortSignal.abort(timeout), false],
    ["a platform timeout", AbortSignal.abort(new DOMException("timed out", "TimeoutError")), false],
  ])("%s", (_, signal, expected) => {
    expect(wasAbortedByUser(signal)).toBe(expected)
  })
})
