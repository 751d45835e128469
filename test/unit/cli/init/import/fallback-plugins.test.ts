import { describe, expect, test } from "bun:test"
import { translateFallbackPlugin } from "../../../../../src/cli/init/import/fallback-plugins.ts"

describe("settings of plugins that do nothing but fall back", () => {
  test.each([
    [
      "opencode-fallback",
      {
        fallback_models: "a/b",
        max_fallback_attempts: 5,
        ttft_timeout_seconds: 20,
        notify_on_fallback: false,
      },
      {
        fallback_models: ["a/b"],
        runtime_fallback: {
          max_fallback_attempts: 5,
          first_token_timeout_seconds: 20,
          notify_on_fallback: false,
        },
      },
    ],
    [
      "smart-coders-hq",
      {
        enabled: true,
        defaults: { cooldownMs: 300_000, maxFallbackDepth: 3 },
        agents: { "*": { fallbackModels: ["a/b"] }, build: { fallbackModels: ["c/d"] } },
      },
      {
        fallback_models: ["a/b"],
        agents: { build: { fallback_models: ["c/d"] } },
        runtime_fallback: { cooldown_seconds: 300, max_fallback_attempts: 3 },
      },
    ],
    [
      "renjfk",
      { mappings: { "a/b": "c/d" }, retryable_error_patterns: ["rate.?limit"] },
      {
        models: { "a/b": { fallback_models: ["c/d"] } },
        runtime_fallback: { retry_on_patterns: ["rate.?limit"] },
      },
    ],
    [
      "shutovks",
      {
        fallback_models: ["a/b"],
        unavailable_models: ["c/d"],
        max_attempts: 2,
        cooldown_ms: 5_000,
        notify: false,
      },
      {
        fallback_models: ["a/b"],
        ignore_models: ["c/d"],
        runtime_fallback: { max_fallback_attempts: 2, cooldown_seconds: 5, notify_on_fallback: false },
      },
    ],
    [
      "azumag and lichti",
      { cooldownMs: 60_000, fallbackModels: [{ providerID: "nvidia", modelID: "z-ai/glm" }] },
      { fallback_models: ["nvidia/z-ai/glm"], runtime_fallback: { cooldown_seconds: 60 } },
    ],
  ])("%s", (_title, theirs, ours) => {
    expect(translateFallbackPlugin(theirs).settings).toEqual(ours)
  })

  test("their own switch is never imported, because it would switch this plugin off", () => {
    expect(translateFallbackPlugin({ enabled: false })).toEqual({ settings: {}, notImported: [] })
  })
})
