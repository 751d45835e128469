import { expect, test } from "bun:test"
import { translateOpenCodeFallback } from "../../../../../src/cli/init/import/opencode-fallback.ts"

test("opencode-fallback: its list and what belongs into runtime_fallback", () => {
  expect(
    translateOpenCodeFallback({
      $schema: "x",
      fallback_models: "a/b",
      max_fallback_attempts: 5,
      ttft_timeout_seconds: 20,
      notify_on_fallback: false,
      retryable_error_patterns: ["rate.?limit"],
      someday: 1,
    }),
  ).toEqual({
    settings: {
      fallback_models: ["a/b"],
      runtime_fallback: {
        max_fallback_attempts: 5,
        first_token_timeout_seconds: 20,
        notify_on_fallback: false,
        retry_on_patterns: ["rate.?limit"],
      },
    },
    notImported: [{ path: "someday", why: "there is no equivalent here" }],
  })
})

test("its own switch is never imported, because it would switch this plugin off", () => {
  expect(translateOpenCodeFallback({ enabled: false })).toEqual({ settings: {}, notImported: [] })
})
