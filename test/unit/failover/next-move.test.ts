import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../src/config/schema.ts"
import { heldCircuit } from "../../../src/core/circuit.ts"
import type { SkipReason } from "../../../src/core/skip-reason.ts"
import type { Failure } from "../../../src/core/verdict.ts"
import { createNextMove, switchReasonFor } from "../../../src/failover/next-move.ts"
import { exhaust, type SwitchReason } from "../../../src/turn/transitions.ts"
import { begun, call, failed, finish, isEnded, ok, own, step } from "../opencode/v1/in-flight/step.ts"
import { makeWorld, usual } from "../opencode/v1/world.ts"
import { turnOf } from "../turn/turn-of.ts"

describe("a model that is left without being asked: what the turn remembers of it", () => {
  const rows: readonly (readonly [SkipReason, SwitchReason])[] = [
    [{ why: "held" }, { obstacle: { why: "held" } }],
    [{ why: "unknown-model" }, { obstacle: { why: "unknown-model" } }],
    [
      { why: "cooling-down", kind: "overloaded", until: 7 },
      { kind: "overloaded", retryAt: 7 },
    ],
    [
      { why: "cooling-down", kind: "quota", until: 7, toldBackAt: 9 },
      { kind: "quota", retryAt: 9 },
    ],
    [
      { why: "provider-tripped", provider: "a", kind: "auth", until: 7 },
      { kind: "auth", retryAt: 7 },
    ],
    [{ why: "tried", kind: "network" }, { kind: "network" }],
    [
      { why: "near-limit", provider: "a", limit: "5 h window 90 % used", until: 7 },
      { limit: "5 h window 90 % used", retryAt: 7 },
    ],
  ]
  test.each(rows)("%o", (reason, leaving) => {
    expect(switchReasonFor(reason)).toStrictEqual(leaving)
  })
})

describe("the text that would end the turn", () => {
  const foreseen = async (
    failure: Failure,
    {
      turn = turnOf({}),
      list = ["a/other"],
      asksAgain = "soon",
    }: { turn?: ReturnType<typeof turnOf>; list?: string[]; asksAgain?: "soon" | "never" } = {},
  ) => {
    const settings = { agents: { build: { fallback_models: list } } }
    const { failover } = makeWorld({ settings })
    const refusalText = (): Promise<string> => Promise.resolve("nobody")
    const host = { log: () => undefined }
    const { foreseenRefusal } = createNextMove({
      failover,
      refusalText,
      host,
      mostWaitMs: undefined,
      now: () => 0,
    })
    return foreseenRefusal(turn, await failover.foresee(turn, failure, undefined), asksAgain)
  }
  const deadKey = { status: 401, message: "invalid api key" }

  test("is there where nobody is left for long", async () => {
    expect(await foreseen(deadKey)).toBe("nobody")
  })
  test("is there where OpenCode's own retries end with nobody", async () => {
    const turn = exhaust(undefined)(turnOf({}))
    expect(await foreseen(deadKey, turn && { turn })).toBe("nobody")
  })
  test("is that which the turn has got already", async () => {
    const turn = exhaust("said")(turnOf({}))
    expect(await foreseen({ status: 503 }, turn && { turn })).toBe("said")
  })
  test("is not there for a prompt that is too long, which OpenCode may yet make shorter", async () => {
    const turn = turnOf({ inUse: { model: "b/1", requests: 1 }, tried: [{ model: "a/own", kind: "auth" }] })
    const tooLong = { status: 400, body: '{"error":{"code":"context_length_exceeded","message":"too long"}}' }
    expect(await foreseen(tooLong, { turn, list: ["b/1"] })).toBeUndefined()
    expect(await foreseen({ status: 400, body: "no" }, { turn, list: ["b/1"] })).toBe("nobody")
  })
  test("is not there where OpenCode's own retries may find somebody of the chain", async () => {
    const turn = turnOf({
      inUse: { model: "b/1", requests: 1 },
      tried: [{ model: "a/own", kind: "overloaded" }],
    })
    expect(await foreseen({ status: 503 }, { turn, list: ["b/1"] })).toBeUndefined()
    expect(await foreseen({ status: 503 }, { turn, list: ["b/1"], asksAgain: "never" })).toBe("nobody")
  })
  test.each<readonly [string, Failure, string[]]>([
    ["somebody takes over", deadKey, ["b/1"]],
    ["the failure is OpenCode's", { status: 400, message: "no" }, ["a/other"]],
    ["somebody may be well soon", { status: 503 }, []],
  ])("is not there where %s", async (_, failure, list) => {
    expect(await foreseen(failure, { list })).toBeUndefined()
  })
})

describe("waiting for the model that is back first", () => {
  const moveAfter = (failure: Failure, asksAgain: "soon" | "never", more: SettingsInput = {}) => {
    const settings = { agents: { build: { fallback_models: ["z/9"] } }, ...more }
    const { failover, now } = makeWorld({ settings })
    const host = { log: () => undefined }
    const refusalText = (): Promise<string> => Promise.resolve("nobody")
    const { afterFailure } = createNextMove({ failover, refusalText, host, mostWaitMs: 60_000, now })
    return afterFailure(turnOf({}), { failure, asksAgain })
  }
  const limited = { status: 429, headers: { "retry-after": "30" } }

  test("is not for a step that OpenCode does not ask again", async () => {
    expect(await moveAfter(limited, "soon")).toMatchObject({ do: "wait" })
    expect(await moveAfter(limited, "never")).toMatchObject({ do: "giveUp", refusal: "nobody" })
  })
  test("is for the own model also where it may not be a fallback", async () => {
    expect(await moveAfter(limited, "soon", { allow_models: ["z/9"] })).toMatchObject({ do: "wait" })
  })
  test("takes until the model may be asked again, though its provider has named a later time", async () => {
    const limitedForHours = { status: 429, headers: { "retry-after": "7200" } }
    const shortRests = { runtime_fallback: { max_cooldown_seconds: 50 } }
    expect(await moveAfter(limitedForHours, "soon", shortRests)).toMatchObject({ do: "wait", forMs: 50_000 })
  })
  test("is not for models of which none comes back by itself", async () => {
    expect(await moveAfter({ status: 401, message: "invalid api key" }, "soon")).toMatchObject({
      do: "giveUp",
    })
  })
})

describe("patience (patience_seconds)", () => {
  const patient = { settings: { ...usual, runtime_fallback: { patience_seconds: 20 } } }
  const soon = () => failed(429, "slow down", { "retry-after": "10" })

  test("ends when the provider puts off its return beyond it, counted from the first failure", async () => {
    const world = await begun(patient)
    for (const _ of [0, 10]) {
      expect(await step(world, own, [soon()])).toMatchObject({ status: 429 })
      world.pass(10_000)
    }
    expect(isEnded(await step(world, own, [soon()]))).toBe(true)
    expect(world.turn()).toMatchObject({ inUse: { model: "b/1" } })
  })

  test("begins anew with each proper answer", async () => {
    const world = await begun(patient)
    for (const _ of [0, 10, 20, 30]) {
      expect(await step(world, own, [soon()])).toMatchObject({ status: 429 })
      world.pass(10_000)
      await step(world, own, [ok(call, finish("tool_calls"), "[DONE]")])
    }
    expect(world.calls).toEqual([])
  })
})

test("a model that is left without being asked in the middle of a turn costs an attempt", async () => {
  const world = await begun()
  await step(world, own, [ok(call, finish("tool_calls"), "[DONE]")])
  world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
  await step(world, own, [])
  expect(world.turn()).toMatchObject({ inUse: { model: "b/1" }, attempts: 1 })
})

test("a request that is not let through leaves the probe of the one before it alone", async () => {
  const world = await begun()
  const now = world.now()
  const past = { failures: 1, kind: "overloaded", failedAt: now - 2, until: now - 1 } as const
  world.store.updateCircuit("model:a/own", () => ({ key: "model:a/own", ...past }))
  expect(world.failover.tryProbe({ sessionID: "ses_1", model: own })).toBeUndefined()
  expect(isEnded(await step(world, own, []))).toBe(true)
  expect(world.store.takeProbe("model:a/own", now).state).toBe("busy")
})

test("what is left to OpenCode is in the log once, with its reason", async () => {
  const world = await begun()
  await step(world, own, [failed(400)])
  expect(world.logs.filter((line) => line.includes("left to OpenCode"))).toEqual([
    expect.stringContaining("info: left to OpenCode: a/own bad_request (not-a-reason; "),
  ])
})

test("a turn that does not begin on its model gives the probe back that it has taken there", async () => {
  const world = makeWorld({
    settings: {
      agents: { build: { fallback_models: ["b/1"] } },
      providers: { a: { leave_at_percent: 90 } },
    },
  })
  const now = world.now()
  const past = { failures: 1, kind: "overloaded", failedAt: now - 2, until: now - 1 } as const
  world.store.updateCircuit("model:a/own", () => ({ key: "model:a/own", ...past }))
  world.store.saveLimits({
    account: "a",
    windows: [{ name: "5 h", usedPercent: 95, seenAt: now }],
    updatedAt: now,
  })
  const { sent } = await step(world, own, [failed(503)])
  expect(sent).toEqual([])
  expect(world.turn()).toMatchObject({ inUse: { model: "b/1" }, attempts: 0 })
  expect(world.store.takeProbe("model:a/own", now).state).toBe("taken")
})
