import { describe, expect, test } from "bun:test"
import { translateOhMyOpenCode, translateSlim } from "../../../../../src/cli/init/import/oh-my-opencode.ts"

describe("settings of oh-my-opencode", () => {
  test("chains, categories and the runtime are imported", () => {
    const { settings } = translateOhMyOpenCode({
      runtime_fallback: {
        enabled: false,
        retry_on_errors: [400, 429],
        cooldown_seconds: 90,
        restore_primary_after_cooldown: false,
      },
      agents: {
        oracle: {
          model: "openai/gpt-5.2",
          category: "deep",
          fallback_models: [
            "gpt-5.2-mini(high)",
            { model: "google/gemini-3-pro", maxTokens: 4_096, temperature: 0.2 },
          ],
        },
        gone: { disable: true, fallback_models: ["a/b"] },
        plain: { model: "a/b" },
      },
      categories: {
        deep: { model: "openai/gpt-5.2", fallback_models: "a/b", prompt_append: "Think.", temperature: 1 },
      },
    })
    expect(settings).toEqual({
      runtime_fallback: { retry_on_errors: [429], cooldown_seconds: 90, restore_primary: "never" },
      agents: {
        oracle: {
          category: "deep",
          fallback_models: [
            { model: "openai/gpt-5.2-mini", variant: "high" },
            { model: "google/gemini-3-pro", temperature: 0.2, max_tokens: 4_096 },
          ],
        },
      },
      categories: { deep: { model: "openai/gpt-5.2", prompt_append: "Think.", fallback_models: ["a/b"] } },
    })
  })

  test.each([
    [{ retry_on_errors: 599 }, { retry_on_errors: [599] }, []],
    [{ retry_on_errors: [400, 401, 599, 600] }, { retry_on_errors: [401, 599] }, ["retry_on_errors: 400"]],
    [{ retry_on_errors: [429], timeout_seconds: [400] }, { retry_on_errors: [429] }, ["timeout_seconds"]],
    [{ restore_primary_after_cooldown: true }, { restore_primary: "after_cooldown" }, []],
  ])("of the runtime %p, %p is imported", (theirs, ours, left) => {
    const { settings, notImported } = translateOhMyOpenCode({ runtime_fallback: theirs })
    expect(settings).toEqual({ runtime_fallback: ours })
    expect(notImported.map(({ path }) => path)).toEqual(left.map((key) => `runtime_fallback.${key}`))
  })

  test("as 4.19.4 writes them into its one file", () => {
    const { settings, notImported } = translateOhMyOpenCode({
      runtime_fallback: { cooldown_seconds: 30 },
      "[opencode]": {
        runtime_fallback: { enabled: true, cooldown_seconds: 90 },
        agents: {
          oracle: {
            category: "deep",
            models: [
              { model: "local/own", reasoning: "high" },
              "local/second:high",
              "local/small:7b",
              { model: "local/third", reasoning: "max", temperature: 0.2, max_tokens: 4_096 },
              { model: "local/fourth", reasoning: "off" },
            ],
          },
          librarian: { model: "local/own" },
          explore: { models: ["local/third"] },
        },
        categories: {
          deep: { prompt_append: "Think.", models: ["local/own:low", "local/third"] },
          quick: { models: [] },
        },
      },
      _migrations: ["2026-08-reasoning-unification"],
    })
    expect(settings).toEqual({
      runtime_fallback: { cooldown_seconds: 90 },
      agents: {
        oracle: {
          category: "deep",
          fallback_models: [
            { model: "local/own", variant: "high" },
            { model: "local/second", variant: "high" },
            "local/small:7b",
            { model: "local/third", variant: "max", temperature: 0.2, max_tokens: 4_096 },
            "local/fourth",
          ],
        },
        explore: { fallback_models: ["local/third"] },
      },
      categories: {
        deep: {
          model: "local/own",
          variant: "low",
          prompt_append: "Think.",
          fallback_models: ["local/third"],
        },
      },
    })
    expect(notImported.map(({ path }) => path)).toEqual(["agents.librarian.model"])
  })

  test("what has no equivalent is named, not dropped in silence", () => {
    const { notImported } = translateOhMyOpenCode({
      runtime_fallback: { timeout_seconds: 30, retry_on_errors: [400] },
      agents: {
        oracle: { fallback_models: ["nameless", { model: "a/b", thinking: {} }] },
        sage: { model: "x/y" },
      },
      categories: { deep: { prompt_append: "file://./x.txt", temperature: 0.1 } },
    })
    expect(notImported.map(({ path }) => path).toSorted((a, b) => a.localeCompare(b))).toEqual([
      "agents.oracle.fallback_models[0]",
      "agents.oracle.fallback_models[1].thinking",
      "agents.sage.model",
      "categories.deep.prompt_append",
      "categories.deep.temperature",
      "runtime_fallback.retry_on_errors: 400",
      "runtime_fallback.timeout_seconds",
    ])
  })

  test("of the slim one the lists in the place of a model", () => {
    const { settings } = translateSlim({
      preset: "p",
      presets: {
        p: { oracle: { model: ["a/b", "c/d", { model: "e/f" }] } },
        q: { fixer: { model: ["x/y", "z/z"] } },
      },
    })
    expect(settings).toEqual({ agents: { oracle: { fallback_models: ["c/d", "e/f"] } } })
  })
})
