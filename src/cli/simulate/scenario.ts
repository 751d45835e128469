import type { CatalogModel } from "../../core/catalog.ts"
import { type JsonObject, ownValue } from "../../core/json-object.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import { usageError } from "../terminal/command-error.ts"

/** A dry run with settings of its own, so that it shows the same on every machine. */
export type Scenario = {
  readonly title: string
  /** As in understudy.jsonc. */
  readonly settings: JsonObject
  readonly model: ModelKey
  readonly needs?: { readonly images: boolean }
  /** What single models cannot do; all others can do everything. */
  readonly catalog?: Readonly<Record<ModelKey, Partial<CatalogModel>>>
  readonly script: readonly string[]
}

const chain = { fallback_models: ["beta/two", "gamma/three"] }

export const scenarios: Readonly<Record<string, Scenario>> = {
  "rate-limit": {
    title: "A rate limit: the turn goes on, the next prompt skips the failing model, then it comes back",
    settings: chain,
    model: "alpha/one",
    script: ["alpha/one: 429 retry-after 60", "+20s", "+60s"],
  },
  "dead-key": {
    title: "A rejected key: the provider's other models are skipped without a request",
    settings: { fallback_models: ["alpha/two", "alpha/three", "beta/two"] },
    model: "alpha/one",
    script: ['alpha/one: 401 "invalid api key"', "next"],
  },
  keys: {
    title:
      "Three keys of one provider: the next key before the next model, the first key again when it is back",
    settings: { ...chain, providers: { alpha: { keys: ["{env:SECOND}", "{env:THIRD}"] } } },
    model: "alpha/one",
    script: [
      "alpha#1: 429 retry-after 60",
      'alpha#2: 401 "invalid api key"',
      "+20s",
      'alpha#3: 402 "insufficient credits"',
      "+60s",
    ],
  },
  "same-model": {
    title: "The same model at another provider before another model",
    settings: { fallback_models: ["beta/*", "gamma/three"] },
    model: "alpha/one",
    script: ["alpha/one: 529", "next", "beta/one: 503"],
  },
  outage: {
    title: "Everything is down: the list is walked once, and the first to come back is named",
    settings: chain,
    model: "alpha/one",
    script: ["alpha: 529", "beta: 503 retry-after 30", "gamma: refused x2", "+31s"],
  },
  hiccup: {
    title: "A single server error: the same model is asked once more before anything switches",
    settings: chain,
    model: "alpha/one",
    script: ["alpha/one: 500", "next", "alpha/one: 500 x2"],
  },
  subscription: {
    title: "Subscription first, pay-as-you-go when it is used up, back when it resets",
    settings: {
      runtime_fallback: { max_cooldown_seconds: 604_800 },
      models: { "plan/large": { fallback_models: ["paid/large"] } },
    },
    model: "plan/large",
    script: ['plan: 429 retry-after 18000 "You have reached your 5-hour usage limit"', "+1h", "+5h"],
  },
  image: {
    title: "A turn with an image: models that cannot see are skipped",
    settings: chain,
    model: "alpha/one",
    needs: { images: true },
    catalog: { "beta/two": { images: false } },
    script: ["alpha/one: 529"],
  },
  "not-a-reason": {
    title: "Failures that another model cannot fix are left to OpenCode",
    settings: chain,
    model: "alpha/one",
    script: [
      'alpha/one: 400 "messages.3.content: line 503 of 1429 is not valid"',
      "next",
      'alpha/one: 400 "prompt is too long: 215000 tokens > 200000 maximum"',
    ],
  },
  wait: {
    title: "Every model is limited: wait for the first one instead of failing",
    settings: {
      runtime_fallback: { when_exhausted: "wait" },
      fallback_models: ["beta/two"],
    },
    model: "alpha/one",
    script: ["alpha/one: 429 retry-after 300", "beta/two: 429 retry-after 120"],
  },
}

/** @throws CommandError when there is no such scenario */
export function scenarioNamed(name: string): Scenario {
  const scenario = ownValue(scenarios, name)
  if (scenario) return scenario
  throw usageError(`No scenario is named ${name}. There are: ${Object.keys(scenarios).join(", ")}.`)
}
