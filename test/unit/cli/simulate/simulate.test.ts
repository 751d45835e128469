import { describe, expect, test } from "bun:test"
import { createColors } from "picocolors"
import { assumedCatalog } from "../../../../src/cli/simulate/assumed-catalog.ts"
import { drawSimulation } from "../../../../src/cli/simulate/draw-simulation.ts"
import { parseScript } from "../../../../src/cli/simulate/parse-script.ts"
import { scenarios } from "../../../../src/cli/simulate/scenario.ts"
import { simulate } from "../../../../src/cli/simulate/simulate.ts"
import type { SimulationEvent } from "../../../../src/cli/simulate/simulation-event.ts"
import { loadSettings } from "../../../../src/config/load-settings.ts"
import type { SettingsInput } from "../../../../src/config/schema.ts"
import type { CatalogModel } from "../../../../src/core/catalog.ts"
import { field } from "../../../../src/core/json-object.ts"
import type { ModelKey } from "../../../../src/core/model-ref.ts"
import { placesIn } from "../../config/places-in.ts"

async function play(
  script: string,
  given: {
    readonly settings: SettingsInput
    readonly chain?: readonly ModelKey[]
    readonly category?: string
    readonly needs?: { readonly images?: boolean; readonly contextTokens?: number }
    readonly described?: Readonly<Record<ModelKey, Partial<CatalogModel>>>
  },
): Promise<readonly SimulationEvent[]> {
  const { settings, problems } = await loadSettings({
    places: placesIn([], []),
    pluginOptions: given.settings,
    readFile: () => Promise.resolve(undefined),
  })
  expect(problems).toEqual([])
  const parsed = parseScript(script)
  if (!parsed.ok) throw new Error(parsed.why)
  return simulate({
    settings,
    catalog: assumedCatalog(settings, ["alpha/one", ...(given.chain ?? [])], given.described),
    agent: "build",
    category: given.category,
    model: "alpha/one",
    chain: (given.chain ?? []).map((model) => ({ model })),
    needs: { images: false, pdf: false, contextTokens: 0, ...given.needs },
    steps: parsed.value,
    startsAt: Date.parse("2026-11-21T07:00:00Z"),
  })
}

/** What happened to the models, without toasts: `fails alpha/one`, `-> beta/two`. */
function lines(events: readonly SimulationEvent[]): readonly string[] {
  return events.flatMap((event) => {
    const { text, skipped = [], verdict } = event
    const { model, to, why, turn, fromKey, toKey, kind } = event as Readonly<Record<string, string>>
    const seconds = `${Number(event["forMs"]) / 1_000} s`
    switch (event.event) {
      case "prompt":
        return [`turn ${turn} at ${event.at / 1_000} s`]
      case "not-asked":
        return [`not asked ${model} -> ${to}`]
      case "answered":
        return [`answers ${model}`]
      case "failed":
        return [`fails ${model} ${String(field(verdict, "kind"))}`]
      case "key-changed":
        return [`key ${fromKey} ${kind} for ${seconds} -> key ${toKey}`]
      case "repeated":
        return [`repeats ${model}`]
      case "switched":
        return [`-> ${to}${skipped.length > 0 ? ` over ${skipped.length}` : ""}`]
      case "left-to-opencode":
        return [`left: ${why}`]
      case "exhausted":
        return [`exhausted: ${text}`]
      case "waits":
        return [`waits ${seconds} for ${model}`]
      case "unused":
        return [`unused ${text.split(": no request")[0]}`]
      case "rests":
      case "toast":
        return []
    }
  })
}

const chain = { fallback_models: ["beta/two", "gamma/three"] }

describe("simulate", () => {
  test("goes on with the next model, spares the sick one, and comes back when its time is over", async () => {
    expect(lines(await play("alpha/one: 429 retry-after 60; +20s; +60s", { settings: chain }))).toEqual([
      "turn 1 at 0 s",
      "fails alpha/one rate_limit",
      "-> beta/two",
      "answers beta/two",
      "turn 2 at 20 s",
      "not asked alpha/one -> beta/two",
      "answers beta/two",
      "turn 3 at 80 s",
      "answers alpha/one",
    ])
  })

  test("goes through the provider's keys before it goes on with another model", async () => {
    const settings = { ...chain, providers: { alpha: { keys: ["{env:SECOND}"] } } }
    const script = 'alpha#1: 429 retry-after 60; alpha#2: 401 "invalid api key"; +20s; alpha#2: 402; +70s'
    expect(lines(await play(script, { settings }))).toEqual([
      "turn 1 at 0 s",
      "key 1 rate_limit for 60 s -> key 2",
      // Both are gone; the first is back first, and says when.
      "fails alpha/one rate_limit",
      "-> beta/two",
      "answers beta/two",
      "turn 2 at 20 s",
      "not asked alpha/one -> beta/two",
      "answers beta/two",
      "unused alpha#2: 402",
      "turn 3 at 90 s",
      "answers alpha/one",
    ])
  })

  test("asks a provider that limits for an hour a handful of times, whoever prompts how often", async () => {
    const settings = { fallback_models: ["alpha/two", "gamma/three"] }
    const script = Array.from({ length: 360 }, () => "alpha/one: 429; alpha/two: 429; +10s").join("; ")
    let at = ""
    const asked = lines(await play(script, { settings })).flatMap((line) => {
      if (line.startsWith("turn ")) at = line.replace(/.* at /, "")
      return line.startsWith("fails ") ? [`${at}: ${line.split(" ")[1]}`] : []
    })
    expect(asked).toEqual(
      [0, 60, 180, 420, 900, 1_860].flatMap((s) => [`${s} s: alpha/one`, `${s} s: alpha/two`]),
    )
  })

  test("finds the model in use at the provider that a list names", async () => {
    const settings = { fallback_models: ["beta/*", "gamma/three"] }
    const events = await play("alpha: 429; beta: 503", { settings })
    expect(events[0]).toMatchObject({ event: "prompt", chain: ["beta/one", "gamma/three"] })
    expect(lines(events).slice(2)).toEqual([
      "-> beta/one",
      "fails beta/one unavailable",
      "-> gamma/three over 1",
      "answers gamma/three",
    ])
  })

  test("passes over the other models of a provider whose key is dead", async () => {
    const settings = { fallback_models: ["alpha/two", "beta/two"] }
    const events = await play('alpha: 401 "invalid api key"', { settings })
    expect(lines(events)).toContain("-> beta/two over 1")
    expect(events.find((event) => event.event === "rests")).toMatchObject({ subject: "alpha" })
  })

  test("ends when nobody is left, and names who is back first", async () => {
    const script = "alpha: 529; beta: 503 retry-after 30; gamma: 529"
    expect(lines(await play(script, { settings: chain })).slice(-1)).toEqual([
      "exhausted: no model is left; beta/two is back first, in 30 s",
    ])
  })

  test("asks the same model once more after a server error, and only then switches", async () => {
    expect(lines(await play("alpha/one: 500 x2", { settings: chain }))).toEqual([
      "turn 1 at 0 s",
      expect.stringMatching(/^fails alpha\/one/),
      "repeats alpha/one",
      expect.stringMatching(/^fails alpha\/one/),
      "-> beta/two",
      "answers beta/two",
    ])
  })

  test("waits where the settings say so, and then asks again", async () => {
    const settings = { ...chain, fallback_models: [], runtime_fallback: { patience_seconds: 10 } }
    expect(lines(await play("alpha/one: 429 retry-after 5", { settings })).slice(1)).toEqual([
      "fails alpha/one rate_limit",
      "left: patience",
      "waits 5 s for alpha/one",
      "answers alpha/one",
    ])
  })

  test("leaves failures that no model can cure to OpenCode", async () => {
    const script = 'alpha/one: 400 "messages.3: line 503 of 1429 is not valid"'
    expect(lines(await play(script, { settings: chain }))).toContain("left: not-a-reason")
  })

  test("uses the category's chain, or the one given by hand above all", async () => {
    const settings = { ...chain, categories: { deep: { fallback_models: ["delta/four"] } } }
    expect(lines(await play("alpha: 429", { settings, category: "deep" }))).toContain("-> delta/four")
    const byHand = { settings, category: "deep", chain: ["omega/last"] as const }
    expect(lines(await play("alpha: 429", byHand))).toContain("-> omega/last")
  })

  test("passes over what cannot see the image, or calls no tools", async () => {
    const described = { "beta/two": { images: false }, "gamma/three": { toolCalls: false } }
    const events = await play("alpha: 429", { settings: chain, needs: { images: true }, described })
    const exhausted = events.find((event) => event.event === "exhausted")
    expect(exhausted).toMatchObject({
      skipped: ["beta/two (cannot read the image)", "gamma/three (cannot call tools)"],
    })
    const drawn = drawSimulation(events, { colors: createColors(false), columns: undefined })
    expect(drawn).toContain("skipped: beta/two (cannot read the image)")
  })

  test("says which step of the script no request ever met", async () => {
    expect(lines(await play("gamma: 500; +1s; alpha: 429 x2", { settings: chain }))).toEqual([
      "turn 1 at 0 s",
      "answers alpha/one",
      "unused gamma: 500",
      "turn 2 at 1 s",
      "fails alpha/one rate_limit",
      "-> beta/two",
      "answers beta/two",
      "unused alpha: 429 x2",
    ])
  })

  test.each([
    ["waits and leaves OpenCode's retries out", "wait" as const, "60", false],
    ["leaves the turn to OpenCode's retries", "error" as const, undefined, true],
    ["ends the turn at once", "error" as const, "3600", false],
  ])("an exhausted chain %s", async (_title, when_exhausted, seconds, hasRetries) => {
    const settings = { ...chain, fallback_models: [], runtime_fallback: { when_exhausted } }
    const failure = seconds === undefined ? "529" : `429 retry-after ${seconds}`
    const events = await play(`alpha/one: ${failure}`, { settings })
    const drawn = drawSimulation(events, { colors: createColors(false), columns: undefined })
    expect(drawn.includes("OpenCode's own retries continue")).toBe(hasRetries)
    expect(drawn.includes("the turn ends at once")).toBe(seconds === "3600")
    expect(drawn.includes("waits      1 min for alpha/one")).toBe(when_exhausted === "wait")
  })

  test("fits a narrow terminal, with the text in a column of its own", async () => {
    const settings = { fallback_models: ["beta/two", "gamma/three"] }
    const events = await play("alpha/one: 429 retry-after 60; beta: 401; +90s", { settings })
    const canvas = { colors: createColors(false), columns: 40 }
    const lines = drawSimulation(events, canvas).split("\n")
    expect(lines.filter((line) => line.length > 40)).toEqual([])
    expect(lines.slice(0, 3)).toEqual([
      "Turn 1: alpha/one, then beta/two,",
      "gamma/three (fallback_models)",
      "  fails      alpha/one: rate limit",
    ])
    expect(lines[3]).toMatch(/^ {13}reached \(rate_limit/)
  })

  test("comes to an end whatever the settings are", async () => {
    const settings = {
      ...chain,
      runtime_fallback: { when_exhausted: "wait" as const, cooldown_seconds: 0, max_fallback_attempts: 20 },
    }
    const events = await play("alpha: 429 x100; beta: 429 x100; gamma: 429 x100", { settings })
    expect(events.filter((event) => event.event === "failed").length).toBeLessThanOrEqual(200)
  })
})

describe("ready scenarios", () => {
  test.each(Object.entries(scenarios))(
    "%s: its settings are valid, its script is readable, and every step of it is met",
    async (_name, scenario) => {
      const { settings, problems } = await loadSettings({
        places: placesIn([], []),
        pluginOptions: scenario.settings,
        readFile: () => Promise.resolve(undefined),
      })
      expect(problems).toEqual([])
      const parsed = parseScript(scenario.script.join("\n"))
      if (!parsed.ok) throw new Error(parsed.why)
      const { model } = scenario
      const events = await simulate({
        settings,
        catalog: assumedCatalog(settings, [model]),
        agent: "build",
        category: undefined,
        model,
        chain: [],
        needs: { images: false, pdf: false, contextTokens: 0 },
        steps: parsed.value,
        startsAt: 0,
      })
      expect(events.filter((event) => event.event === "unused")).toEqual([])
      expect(events.filter((event) => event.event === "failed").length).toBeGreaterThan(0)
    },
  )
})

test.each([true, false])("toasts are shown as the settings say: %p", async (notify_on_fallback) => {
  const settings = {
    ...chain,
    runtime_fallback: { notify_on_fallback },
    providers: { beta: { keys: ["{env:SECOND}"] } },
  }
  // Whatever was shown in a dry run before.
  for (const script of ["alpha/one: 529", "alpha/one: 529", "alpha/one: 529; beta#1: 429"]) {
    const events = await play(script, { settings })
    const toasts = events.filter(({ event }) => event === "toast").map(({ text }) => text.split(":", 1)[0])
    const expected = script.includes("#") ? ["alpha/one", "beta"] : ["alpha/one"]
    expect(toasts).toEqual(notify_on_fallback ? expected : [])
  }
})
