import { describe, expect, test } from "bun:test"
import { cooldownPolicy, decisionPolicy, forbiddenBy, optedOut } from "../../../src/config/policy.ts"
import { type SettingsInput, settingsSchema } from "../../../src/config/schema.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"

const parse = (input: SettingsInput) => settingsSchema.parse(input)

describe("a model is forbidden as a fallback", () => {
  const rows: readonly (readonly [string, SettingsInput, ModelKey, string | undefined])[] = [
    ["by nothing, where nothing is set", {}, "a/one", undefined],
    [
      "by its provider's opting out",
      { providers: { a: { allow_fallback: false } } },
      "a/one",
      "providers.a.allow_fallback is false",
    ],
    [
      "by its provider's ignore list",
      { providers: { a: { ignore_models: ["one"] } } },
      "a/one",
      "providers.a.ignore_models",
    ],
    [
      "by a pattern of its provider's ignore list",
      { providers: { a: { ignore_models: ["on*"] } } },
      "a/one",
      "providers.a.ignore_models",
    ],
    [
      "by an allow list of its provider that does not name it",
      { providers: { a: { allow_models: ["two"] } } },
      "a/one",
      "providers.a.allow_models does not name it",
    ],
    [
      "not by an allow list that names it in other letters",
      { providers: { a: { allow_models: ["ONE"] } } },
      "a/one",
      undefined,
    ],
    ["by the ignore list", { ignore_models: ["a/*"] }, "a/one", "ignore_models"],
    [
      "by an allow list that does not name it",
      { allow_models: ["b/*"] },
      "a/one",
      "allow_models does not name it",
    ],
    ["not by an allow list that names it", { allow_models: ["a/one"] }, "a/one", undefined],
    [
      "not by a list for another provider",
      { providers: { b: { ignore_models: ["one"] } } },
      "a/one",
      undefined,
    ],
    ["not by a name that only begins like it", { ignore_models: ["a/on"] }, "a/one", undefined],
    ["not by what every object inherits", {}, "constructor/one", undefined],
  ]
  test.each(rows)("%s", (_, settings, model, rule) => {
    expect(forbiddenBy(parse(settings), model)).toBe(rule)
  })
})

test("seconds of the settings are milliseconds of the policy", () => {
  const settings = parse({
    runtime_fallback: {
      cooldown_seconds: 2,
      cooldown_multiplier: 3,
      max_cooldown_seconds: 50,
      patience_seconds: 4,
    },
  })
  expect(cooldownPolicy(settings)).toEqual({ baseMs: 2_000, multiplier: 3, maxMs: 50_000 })
  expect(decisionPolicy(settings)).toMatchObject({ patienceMs: 4_000, maxAttempts: 3 })
})

test("a provider that opted out is told from one that is not named", () => {
  const settings = parse({ providers: { a: { allow_fallback: false }, b: {} } })
  expect(["a", "b", "c", "constructor"].map((provider) => optedOut(settings, provider))).toEqual([
    true,
    false,
    false,
    false,
  ])
})
