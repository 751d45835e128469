import { readFile } from "node:fs/promises"
import * as z from "zod/mini"
import en from "zod/v4/locales/en.js"
import { parseJsonDocument } from "../../config/json-document.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { sourceText } from "../../config/settings-problem.ts"
import { ownValue } from "../../core/json-object.ts"
import { usageError } from "../terminal/command-error.ts"

const flag = z.exactOptional(z.boolean())
const tokens = z.exactOptional(z.int().check(z.gte(0)))
const word = z.exactOptional(z.string())

const described = z.union([
  z.literal(false),
  z.strictObject({
    images: flag,
    pdf: flag,
    toolCalls: flag,
    contextTokens: tokens,
  }),
])

const scenarioSchema = z.strictObject({
  title: word,
  /** As in understudy.jsonc; without it the settings in force here are used. */
  settings: z.exactOptional(z.record(z.string(), z.unknown())),
  agent: word,
  model: word,
  category: word,
  needs: z.exactOptional(z.strictObject({ images: flag, pdf: flag, contextTokens: tokens })),
  /** What single models can do; `false`: not connected. Every model that is not named here can do everything. */
  catalog: z.exactOptional(z.record(z.string().check(z.regex(/^[^\s/]+\/\S+$/)), described)),
  script: z.union([z.string(), z.array(z.string())]),
})

/** A dry run as a file holds it. */
export type Scenario = z.infer<typeof scenarioSchema>

const chain = { fallback_models: ["beta/two", "gamma/three"] }

/** Small ones with settings of their own, so that they show the same on every machine. */
export const readyScenarios: Readonly<Record<string, Scenario & { readonly title: string }>> = {
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

/** @throws CommandError when there is neither such a ready scenario nor such a file, or it cannot be read */
export async function loadScenario(nameOrFile: string): Promise<Scenario> {
  const ready = ownValue(readyScenarios, nameOrFile)
  if (ready) return ready
  const text = await readFile(nameOrFile, "utf8").catch((error: unknown) => {
    const names = Object.keys(readyScenarios).join(", ")
    throw usageError(
      `${nameOrFile} is neither a ready scenario (${names}) nor a file that can be read: ${reasonOf(error)}.`,
    )
  })
  const document = parseJsonDocument(text)
  if (!document.ok) {
    const place = sourceText({ from: "file", file: nameOrFile, ...document.at })
    throw usageError(`${place}: found ${document.found}.`)
  }
  const result = scenarioSchema.safeParse(document.value, { error: en().localeError })
  if (result.success) return result.data
  throw usageError(`${nameOrFile}: ${z.prettifyError(result.error)}`)
}
