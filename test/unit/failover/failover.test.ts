import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../src/config/schema.ts"
import type { Failure } from "../../../src/core/verdict.ts"
import { categoryRegistry } from "../../../src/turn/category-registry.ts"
import { turnOf } from "../turn/turn-of.ts"
import { makeWorld, usual } from "./world.ts"

const judge = async (
  settings: SettingsInput,
  failure: Failure,
  change: Parameters<typeof turnOf>[0] = {},
) => {
  const world = makeWorld({ settings })
  const { verdict, decision } = await world.failover.judge(turnOf(change), failure, undefined)
  return { world, verdict, decision, circuits: world.store.circuits().map(({ key }) => key as string) }
}

describe("a failure", () => {
  test("of the model trips the model's circuit only", async () => {
    const { decision, circuits } = await judge(usual, { status: 503 })
    expect(decision).toMatchObject({ do: "switch", to: { model: "b/1" } })
    expect(circuits).toEqual(["model:a/own"])
  })

  test("of the key trips the provider, and its other models are passed over without a request", async () => {
    const settings = { agents: { build: { fallback_models: ["a/other", "b/1"] } } }
    const { decision, circuits } = await judge(settings, { status: 401, message: "invalid api key" })
    expect(circuits).toEqual(["provider:a"])
    expect(decision).toMatchObject({ do: "switch", to: { model: "b/1" } })
  })

  const rows: readonly (readonly [string, SettingsInput, Failure, string])[] = [
    [
      "is left to OpenCode when we are switched off",
      { ...usual, runtime_fallback: { enabled: false } },
      { status: 503 },
      "switched-off",
    ],
    [
      "is left to OpenCode when its provider opted out",
      { ...usual, providers: { a: { allow_fallback: false } } },
      { status: 503 },
      "provider-opted-out",
    ],
    [
      "is left to OpenCode when its kind is no reason",
      { ...usual, runtime_fallback: { fallback_on: ["auth"], retry_on_errors: [] } },
      { status: 503 },
      "not-a-reason",
    ],
    [
      "is left to OpenCode within the user's patience",
      { ...usual, runtime_fallback: { patience_seconds: 30 } },
      { status: 429, headers: { "retry-after": "10" } },
      "patience",
    ],
    [
      "is left to OpenCode when the request is at fault",
      usual,
      { status: 400, message: "max_tokens too large" },
      "not-a-reason",
    ],
  ]
  test.each(rows)("%s, and trips nothing", async (_, settings, failure, why) => {
    const { decision, circuits } = await judge(settings, failure)
    expect(decision).toEqual({ do: "pass", why } as typeof decision)
    expect(circuits).toEqual([])
  })

  test("whose text fits a pattern of the user is a reason", async () => {
    const settings = { ...usual, runtime_fallback: { retry_on_patterns: ["strange hiccup"] } }
    expect((await judge(settings, { status: 418, message: "A Strange Hiccup" })).decision.do).toBe("switch")
  })

  test("is not searched for patterns beyond its first thousand characters", async () => {
    const settings = { ...usual, runtime_fallback: { retry_on_patterns: ["strange hiccup"] } }
    const message = `${"x".repeat(1_000)} strange hiccup`
    expect((await judge(settings, { status: 418, message })).decision.do).toBe("pass")
  })

  test("is repeated on the same model first, where the request can be sent again", async () => {
    const world = makeWorld()
    const failure = { code: "ECONNRESET", message: "connection reset" }
    expect((await world.failover.judge(turnOf({}), failure, 0)).decision.do).toBe("repeat")
    expect(world.store.circuits()).toEqual([])
    expect((await world.failover.judge(turnOf({}), failure, 1)).decision.do).toBe("switch")
  })
})

describe("the category of a turn", () => {
  const settings: SettingsInput = {
    agents: { build: { category: "deep" } },
    categories: { deep: { fallback_models: ["b/1"] }, quick: { fallback_models: ["c/1"] } },
  }
  const entries = (agent: string): readonly string[] =>
    makeWorld({ settings })
      .failover.chain(turnOf({ agent }))
      .entries.map(({ model }) => model)

  test("is its agent's", () => {
    expect(entries("build")).toEqual(["b/1"])
  })

  test("is the one that the session was started for, before its agent's", () => {
    categoryRegistry().register("ses_1", "quick")
    expect(entries("build")).toEqual(["c/1"])
    categoryRegistry().forget("ses_1")
  })

  test("is none for an agent that stands nowhere, whatever its name", () => {
    expect(entries("constructor")).toEqual([])
  })
})

describe("a circuit whose time is over", () => {
  test("lets one request through, and the next ones wait for its answer", async () => {
    const { world } = await judge(usual, { status: 503 })
    expect(world.failover.tryProbe("a/own")).toMatchObject({ why: "cooling-down" })
    world.pass(61_000)
    expect(world.failover.tryProbe("a/own")).toBeUndefined()
    expect(world.failover.tryProbe("a/own")).toMatchObject({ why: "being-probed" })
    world.failover.succeeded("a/own", Infinity)
    expect(world.failover.tryProbe("a/own")).toBeUndefined()
    expect(world.store.circuits()).toEqual([])
  })
})
