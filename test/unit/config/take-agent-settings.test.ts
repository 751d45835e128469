import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { misplacedIn, takeAgentSettings } from "../../../src/config/take-agent-settings.ts"

/** What the `config` hook of OpenCode 1.18.33 received (measured): every key twice, `mode` a third time. */
const measured = (): unknown => ({
  model: "alpha/one",
  agent: {
    build: {
      fallback_models: ["openai/x"],
      category: "c",
      options: { fallback_models: ["openai/x"], category: "c", reasoningEffort: "high" },
      permission: {},
    },
    gmd: { name: "gmd", mode: "subagent", category: "deep", prompt: "hi", options: { category: "deep" } },
    mm: {
      prompt: "hello",
      fallback_models: ["openai/m"],
      options: { fallback_models: ["openai/m"] },
      mode: "primary",
    },
  },
  mode: {
    mm: { prompt: "hello", fallback_models: ["openai/m"], options: { fallback_models: ["openai/m"] } },
  },
  command: { fix: { template: "fix it" } },
})

describe("takeAgentSettings", () => {
  test("reads our keys of each agent", () => {
    expect(takeAgentSettings(measured())).toEqual({
      build: { fallback_models: ["openai/x"], category: "c" },
      gmd: { category: "deep" },
      mm: { fallback_models: ["openai/m"] },
    })
  })

  test.each([
    ["[a/b:free, 'c/d', ]", ["a/b:free", "c/d"]],
    ["[a/b:free]\n", ["a/b:free"]],
    ["[]", []],
    ["a/b:free", "a/b:free"],
    ["[{ model: a/b }]", "[{ model: a/b }]"],
  ])("takes %p for the list that it was", (fallback_models, list) => {
    expect(takeAgentSettings({ agent: { a: { fallback_models } } })).toEqual({ a: { fallback_models: list } })
  })

  test("leaves nothing of ours in the live config, and everything else", () => {
    const config: unknown = measured()
    takeAgentSettings(config)
    expect(config).toEqual({
      model: "alpha/one",
      agent: {
        build: { options: { reasoningEffort: "high" }, permission: {} },
        gmd: { name: "gmd", mode: "subagent", prompt: "hi", options: {} },
        mm: { prompt: "hello", options: {}, mode: "primary" },
      },
      mode: { mm: { prompt: "hello", options: {} } },
      command: { fix: { template: "fix it" } },
    })
  })

  test("finds nothing the second time", () => {
    const config: unknown = measured()
    takeAgentSettings(config)
    expect(takeAgentSettings(config)).toEqual({})
  })

  test("the agent's own key wins over its options, and agent over mode", () => {
    const config: unknown = {
      mode: { a: { category: "mode", fallback_models: "m/m" } },
      agent: { a: { category: "agent", options: { category: "options" } } },
    }
    expect(takeAgentSettings(config)).toEqual({ a: { category: "agent", fallback_models: "m/m" } })
  })

  test.each(["fallbacks", "fallback", "fallback_model", "fallbackModels", "model_fallbacks"])(
    "takes the misspelling %s away as well: it would travel to the provider",
    (key) => {
      const agent: unknown = { [key]: ["a/b"], options: { [key]: ["a/b"], temperature: 1 } }
      expect(takeAgentSettings({ agent: { build: agent } })).toEqual({ build: { [key]: ["a/b"] } })
      expect(agent).toEqual({ options: { temperature: 1 } })
    },
  )

  test("removes and names our list in places where it has no effect", () => {
    const config: unknown = {
      fallback_models: ["a/b"],
      command: { fix: { template: "x", fallback_models: ["a/b"] } },
      // LiteLLM has an option of such a name.
      provider: { p: { models: { m: { options: { fallback_models: ["a/b"], fallbacks: ["c"] } } } } },
    }
    expect(misplacedIn(config).map(({ path }) => path)).toEqual([
      ["fallback_models"],
      ["command", "fix", "fallback_models"],
      ["provider", "p", "models", "m", "options", "fallback_models"],
    ])
    takeAgentSettings(config)
    expect(config).toEqual({
      command: { fix: { template: "x" } },
      provider: { p: { models: { m: { options: { fallbacks: ["c"] } } } } },
    })
  })

  test("takes any config, however odd, without throwing", () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.record({ agent: fc.jsonValue(), mode: fc.jsonValue(), provider: fc.jsonValue() }),
    )
    fc.assert(
      fc.property(odd, (config) => {
        expect(takeAgentSettings(config)).toBeObject()
      }),
    )
  })
})
