import { describe, expect, test } from "bun:test"
import { packageFacts } from "../../../../src/cli/opencode/package-facts.ts"
import { modelMeant, ownNames, simulatedSettings } from "../../../../src/cli/test/simulated-config.ts"
import { judgeTrial, type Trial } from "../../../../src/cli/test/trial.ts"

const good: Trial = {
  agent: "build",
  opencode: "1.18.33",
  isVersion2: false,
  model: "a/b",
  isListed: true,
  loads: packageFacts.version,
  requests: [
    { model: "a/b", at: 0, status: 429 },
    { model: "c/d", at: 90, status: 200 },
  ],
  output: "It works.\n",
  notes: [],
  failure: undefined,
}
const [asked, answered] = good.requests
if (!asked || !answered) throw new Error("two requests")

describe("a trial", () => {
  test("works when another model has answered and the first was asked once", () => {
    expect(judgeTrial(good)).toEqual({ works: true, what: "It works." })
    expect(judgeTrial({ ...good, loads: undefined }).what).toBe("It works.")
  })

  test("says which version OpenCode loads where that is not the one that was tried", () => {
    const { works, what } = judgeTrial({ ...good, loads: "0.1.0" })
    expect(works).toBeTrue()
    expect(what).toStartWith(
      `It works with ${packageFacts.version}, this command's version; OpenCode loads 0.1.0`,
    )
  })

  test.each<[string, Partial<Trial>, string]>([
    ["the plugin is not loaded", { requests: [asked], output: "" }, "No other model was asked"],
    ["the first model was asked again", { requests: [asked, asked, answered] }, "a/b was asked 2 times."],
    ["the answer is lost", { output: "" }, "The answer did not arrive."],
    [
      "OpenCode ended with an error",
      { failure: "it ended with code 1" },
      "OpenCode failed: it ended with code 1.",
    ],
    [
      "OpenCode would not load the plugin",
      { isListed: false },
      "It works here, but OpenCode's configuration",
    ],
    ["nothing was asked at all", { requests: [] }, "a/b was not asked first."],
  ])("does not work when %s", (_, change, what) => {
    const verdict = judgeTrial({ ...good, ...change })
    expect(verdict.works).toBeFalse()
    expect(verdict.what).toStartWith(what)
  })
})

test("settings get simulated names, and lose what acts outside", () => {
  const settings = simulatedSettings(
    {
      fallback_models: [{ model: "openai/gpt-5.2" }],
      models: { "openai/gpt-5.2": { fallback_models: ["local/x"] } },
      providers: {
        openai: { allow_fallback: true, keys: ["secret"] },
        local: { allow_models: ["openai/gpt-5.2"] },
      },
      categories: { deep: { prompt_append: "either/or" } },
      // Not of the model that stands for the session's own: `understudy test` asks for none that they forbid.
      allow_models: ["local/gpt-*", "openai/*"],
      ignore_models: ["local/your-*"],
      on_switch: ["notify-send"],
      runtime_fallback: {
        cooldown_seconds: 5,
        store: "redis://host",
        retry_on_patterns: ["(?=x)"],
        patience_seconds: 90,
        same_model_retries: { rate_limit: 1 },
      },
    },
    ["openai", "local"],
  )
  expect(settings).toEqual({
    fallback_models: [{ model: "openai-simulated/gpt-5.2" }],
    models: { "openai-simulated/gpt-5.2": { fallback_models: ["local-simulated/x"] } },
    providers: {
      "openai-simulated": { allow_fallback: true },
      "local-simulated": {},
    },
    categories: { deep: { prompt_append: "either/or" } },
    runtime_fallback: {
      cooldown_seconds: 5,
      store: "memory",
      notify_on_fallback: true,
      retry_on_patterns: [],
      patience_seconds: 0,
      same_model_retries: {},
    },
  })
  expect(ownNames("openai-simulated/gpt-5.2: rate limit")).toBe("openai/gpt-5.2: rate limit")
  expect(ownNames("GPT-5.2 (openai-simulated): rate limit")).toBe("GPT-5.2 (openai): rate limit")
  expect(ownNames("b/* (b-simulated does not offer this model)")).toBe("b/* (b does not offer this model)")
})

test("where the agent's model is chosen in the session, `provider/*` is a model that this provider has", () => {
  expect(modelMeant("beta/*", "your-provider/your-model")).toBe("beta/your-model")
  expect(modelMeant("beta/two", "your-provider/your-model")).toBe("beta/two")
})
