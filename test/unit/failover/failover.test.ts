import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../src/config/schema.ts"
import type { Catalog } from "../../../src/core/catalog.ts"
import { afterFailure } from "../../../src/core/circuit.ts"
import type { Failure } from "../../../src/core/verdict.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import type { Store } from "../../../src/store/store.ts"
import { categoryRegistry } from "../../../src/turn/category-registry.ts"
import { catalogOf } from "../catalog-of.ts"
import { makeWorld, usual, type World, type WorldOptions } from "../opencode/v1/world.ts"
import { turnOf } from "../turn/turn-of.ts"

const asking = { sessionID: "ses_1", model: "a/own" } as const

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

  test("is read as its provider means it, without being told which", async () => {
    const failure = { status: 400, body: '{"error":{"code":"1305"}}' }
    expect((await judge(usual, failure)).verdict.kind).toBe("bad_request")
    const inUse = { model: "zai/glm", requests: 1 } as const
    expect((await judge(usual, failure, { inUse })).verdict.kind).toBe("overloaded")
  })

  test("asks of the next one what the own model can read, not what the one that stood in could", async () => {
    const catalog = catalogOf({
      "a/own": {},
      "b/1": { images: false },
      "c/1": { images: false },
      "d/1": {},
    })
    const world = makeWorld({
      settings: { agents: { build: { fallback_models: ["b/1", "c/1", "d/1"] } } },
      catalog,
    })
    const needs = { ...turnOf().needs, images: true }
    const turn = turnOf({ inUse: { model: "b/1", requests: 1 }, needs })
    const { decision } = await world.failover.judge(turn, { status: 503 }, undefined)
    expect(decision).toMatchObject({ do: "switch", to: { model: "d/1" } })
  })

  test.each<readonly [string, Failure]>([
    ["the key", { status: 401, message: "invalid api key" }],
    ["the model", { status: 503 }],
    ["this request", { status: 400, message: "no" }],
  ])("of %s is foreseen as it is judged, and nothing is remembered of it", async (_, failure) => {
    const settings = { agents: { build: { fallback_models: ["a/other"] } } }
    const { decision } = await judge(settings, failure)
    const world = makeWorld({ settings })
    expect((await world.failover.foresee(turnOf({}), failure, undefined)).decision).toEqual(decision)
    expect(world.store.circuits()).toEqual([])
  })

  test.each<readonly [string, Failure]>([
    [
      "its limit",
      { status: 429, headers: { "retry-after": "900" }, forAllKeys: { concernsOneSession: true } },
    ],
    ["its refusal", { status: 400, message: "no", forAllKeys: { concernsOneSession: true } }],
  ])("of the keys that a session has goes on elsewhere, and trips nothing: %s", async (_, failure) => {
    const { decision, circuits } = await judge(usual, failure)
    expect(decision).toMatchObject({ do: "switch", to: { model: "b/1" } })
    expect(circuits).toEqual([])
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

  test("is not repeated on a model that another session has found down meanwhile", async () => {
    const world = makeWorld()
    const elsewhere = turnOf({ sessionID: "ses_2" })
    await world.failover.judge(elsewhere, { status: 429, headers: { "retry-after": "4" } }, 0)
    const failure = { code: "ECONNRESET", message: "connection reset" }
    expect((await world.failover.judge(turnOf({}), failure, 0)).decision.do).toBe("switch")
  })

  test("is repeated on a model that is being probed", async () => {
    const world = makeWorld()
    await world.failover.judge(turnOf({}), { status: 429, headers: { "retry-after": "4" } }, 0)
    world.pass(10_000)
    world.failover.tryProbe(asking)
    const failure = { code: "ECONNRESET", message: "connection reset" }
    expect((await world.failover.foresee(turnOf({}), failure, 0)).decision.do).toBe("repeat")
  })
})

describe("a prompt that is too long", () => {
  const windows = (sizes: Readonly<Record<string, number>>): Catalog => {
    const models = ["a/own", "b/1", "c/1"] as const
    return catalogOf(Object.fromEntries(models.map((model) => [model, { contextTokens: sizes[model] ?? 0 }])))
  }
  const overflow: Failure = { status: 400, message: "maximum context length is 8192 tokens" }
  const settings: SettingsInput = {
    ...usual,
    runtime_fallback: { fallback_on: ["context_overflow", "unavailable"] },
  }

  const rows: readonly (readonly [string, Failure, Catalog, string | undefined])[] = [
    [
      "goes past windows that are no larger",
      overflow,
      windows({ "a/own": 8_192, "b/1": 8_192, "c/1": 8_193 }),
      "c/1",
    ],
    ["goes to the next one where no window is known", overflow, windows({}), "b/1"],
    ["goes to nobody where OpenCode knows no models", overflow, { known: false }, undefined],
    [
      "asks nothing of the window over another failure",
      { status: 503 },
      windows({ "a/own": 8_192, "b/1": 4_096 }),
      "b/1",
    ],
  ]
  test.each(rows)("%s", async (_, failure, catalog, to) => {
    const world = makeWorld({ settings, catalog })
    const { decision } = await world.failover.judge(turnOf(), failure, undefined)
    expect(decision.do === "switch" ? decision.to.model : undefined).toBe(to as never)
  })
})

describe("a limit that is nearly used up", () => {
  const settings: SettingsInput = {
    ...usual,
    providers: { a: { leave_at_percent: 80, keys: ["key-2"] }, b: { leave_at_percent: 80 } },
  }
  const fill = (world: World, account: string): void =>
    world.store.saveLimits({
      account,
      windows: [{ name: "5 h", usedPercent: 95, resetsAt: world.now() + 60_000, seenAt: world.now() }],
      updatedAt: world.now(),
    })

  test("keeps no failed turn from its successor", async () => {
    const world = makeWorld({ settings })
    fill(world, "b")
    const { decision } = await world.failover.judge(turnOf(), { status: 503 }, undefined)
    expect(decision).toMatchObject({ do: "switch", to: { model: "b/1" } })
  })

  test("of one key is none while another key has room", async () => {
    const world = makeWorld({ settings })
    fill(world, "a")
    expect(await world.failover.ownReason(turnOf())).toBeUndefined()
    fill(world, "a#0f0f")
    expect(await world.failover.ownReason(turnOf())).toMatchObject({ why: "near-limit" })
  })
})

describe("OpenCode's own retries, once nobody is left,", () => {
  const settings = { ...usual, runtime_fallback: { max_fallback_attempts: 1 } }
  const exhausted = { is: "exhausted", gives: "failure" } as const

  test.each([
    ["have as many switches as the turn had", { phase: exhausted, attempts: 1 }, "switch"],
    ["and no more", { phase: exhausted, attempts: 2 }, "exhausted"],
    ["which a running turn has used up", { attempts: 1 }, "exhausted"],
  ] as const)("%s", async (_, change, what) => {
    const world = makeWorld({ settings })
    expect((await world.failover.successor(turnOf(change), {})).do).toBe(what)
  })
})

test("where we stand back, nothing takes part", async () => {
  let isUnknownHost = true
  const world = makeWorld({ isHostUnsupported: () => isUnknownHost })
  expect(world.failover.enabled("ses_1")).toBe(false)
  isUnknownHost = false
  expect(world.failover.enabled("ses_1")).toBe(true)
})

test("a healthy answer writes nothing", () => {
  const written: string[] = []
  const store = createMemoryStore({ now: () => 0 })
  const world = makeWorld({
    store: {
      ...store,
      updateCircuit: (key, change) => {
        written.push(key)
        return store.updateCircuit(key, change)
      },
    },
  })
  world.failover.succeeded(asking, world.now())
  expect(written).toEqual([])
})

describe("a start of OpenCode", () => {
  const tripped = (kind: "auth" | "overloaded"): Store => {
    const store = createMemoryStore({ now: () => 0 })
    const policy = { baseMs: 1e9, multiplier: 1, maxMs: 1e9 }
    store.updateCircuit("provider:a", (before) =>
      afterFailure(before, { key: "provider:a", verdict: { kind }, policy, at: 0, random: 0 }),
    )
    return store
  }

  test.each([
    ["a key that was rejected is tried once more", "auth", undefined],
    ["an outage rests on", "overloaded", "provider-tripped"],
  ] as const)("%s, as soon as the store is read", async (_, kind, reason) => {
    const store = tripped(kind)
    let isRead = false
    let read: () => void = () => undefined
    const ready = new Promise<void>((resolve) => (read = resolve)).then(() => void (isRead = true))
    const world = makeWorld({ store: { ...store, ready, circuits: () => (isRead ? store.circuits() : []) } })
    read()
    await ready
    await Promise.resolve()
    expect(world.failover.tryProbe(asking)?.why).toBe(reason as never)
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
    expect(entries("Build - the builder")).toEqual(["b/1"])
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
    expect(world.failover.tryProbe(asking)).toMatchObject({ why: "cooling-down" })
    world.pass(61_000)
    expect(world.failover.tryProbe(asking)).toBeUndefined()
    expect(world.failover.tryProbe(asking)).toMatchObject({ why: "being-probed" })
    world.failover.succeeded(asking, Infinity)
    expect(world.failover.tryProbe(asking)).toBeUndefined()
    expect(world.store.circuits()).toEqual([])
  })

  /** Both circuits of the own model have rested. */
  async function rested(options: WorldOptions = {}): Promise<World> {
    const world = makeWorld(options)
    await world.failover.judge(turnOf(), { status: 401, message: "invalid api key" }, undefined)
    await world.failover.judge(turnOf(), { status: 503 }, undefined)
    world.pass(4_000_000)
    return world
  }
  const probed = (world: World): readonly string[] =>
    world.store.circuits().flatMap(({ key, probeUntil }) => (probeUntil === undefined ? [] : [key]))

  test("is probed with its provider's by the same request", async () => {
    const world = await rested()
    expect(world.failover.tryProbe(asking)).toBeUndefined()
    expect(probed(world).toSorted()).toEqual(["model:a/own", "provider:a"])
    world.failover.endProbe(asking)
    expect(probed(world)).toEqual([])
  })

  test("keeps no probe of its provider where somebody else has just taken the model's", async () => {
    const store = createMemoryStore({ now: () => 0 })
    const world = await rested({
      store: {
        ...store,
        // Another process is faster between the look at the circuit and its probe.
        takeProbe: (key, now) =>
          key === "model:a/own" ? { state: "busy", until: now + 7 } : store.takeProbe(key, now),
      },
    })
    expect(world.failover.tryProbe(asking)).toEqual({ why: "being-probed", until: world.now() + 7 })
    expect(probed(world)).toEqual([])
  })

  test("a probe is given back once: the next one may be another request's", async () => {
    const world = await rested()
    world.failover.tryProbe(asking)
    world.failover.endProbe(asking)
    world.store.takeProbe("model:a/own", world.now())
    world.failover.endProbe(asking)
    expect(probed(world)).toEqual(["model:a/own"])
  })

  test("a probe is given back by the session that has taken it, and by no other that is answered", async () => {
    const world = await rested()
    const sentAt = world.now() - 4_000_001
    world.failover.tryProbe(asking)
    world.failover.succeeded({ ...asking, sessionID: "ses_2" }, sentAt)
    world.failover.endProbe({ ...asking, sessionID: "ses_2" })
    world.failover.endProbe({ ...asking, model: "a/other" })
    expect(probed(world)).toHaveLength(2)
    // Sent before the failure, it says nothing of how the model is now: the next request may find out.
    world.failover.succeeded(asking, sentAt)
    expect(probed(world)).toEqual([])
    expect(world.store.circuits()).toHaveLength(2)
  })
})
