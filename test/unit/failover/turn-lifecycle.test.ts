import { describe, expect, test } from "bun:test"
import { heldCircuit } from "../../../src/core/circuit.ts"
import { type ModelKey, modelRef } from "../../../src/core/model-ref.ts"
import { beginReplay, keepOriginal, switchTo, sendReplay } from "../../../src/turn/transitions.ts"
import { catalogWith } from "../catalog-of.ts"
import { ownFaults } from "../opencode/v1/in-flight/step.ts"
import { apiError, makeWorld, type World, type WorldOptions } from "../opencode/v1/world.ts"
import { turnOf } from "../turn/turn-of.ts"

const own: ModelKey = "a/own"
const restoring = (restore_primary: "after_cooldown" | "next_message" | "never"): WorldOptions => ({
  settings: { runtime_fallback: { restore_primary }, agents: { build: { fallback_models: ["b/1", "c/1"] } } },
})

/** A session whose first turn has gone from its own model to `b/1`. */
async function switched(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld({
    onReplay: async ({ messageID, model }, that) =>
      void (await that.message(messageID, model, { isReplay: true })),
    ...options,
  })
  await world.message("msg_1", own)
  await world.step("msg_1", own)
  await world.retry("rate limited")
  await world.step("msg_1", "b/1")
  world.idle()
  return world
}

describe("whose choice the model of a message is", () => {
  test("the user's, in a session without a past", async () => {
    const world = makeWorld()
    expect(await world.message("msg_1", own)).toBe(own)
    expect(world.turn()).toMatchObject({
      own: { model: own },
      inUse: { model: own },
      attempts: 0,
      phase: { is: "running" },
    })
  })

  test("the user's, when a client that names no model inherits the fallback from the last message", async () => {
    const world = await switched({ givesBack: false })
    world.pass(120_000)
    expect(await world.message("msg_2", "b/1", { isNamed: false })).toBe(own)
    expect(world.turn()).toMatchObject({ own: { model: own }, inUse: { model: own } })
  })

  test("the user's new one, when the fallback itself is picked by hand", async () => {
    const world = await switched()
    world.pass(120_000)
    expect(await world.message("msg_2", "b/1")).toBe("b/1")
    expect(world.turn()?.own.model).toBe("b/1")
    expect(world.store.session("ses_1")?.inUse).toBeUndefined()
  })

  test("the user's new one, when another model is picked by hand", async () => {
    const world = await switched()
    expect(await world.message("msg_2", "d/1")).toBe("d/1")
    expect(world.turn()).toMatchObject({ own: { model: "d/1" }, inUse: { model: "d/1" } })
  })

  test("the old one, when a new process opens the session and its interface names what we put there", async () => {
    const before = await switched({ givesBack: false })
    const record = before.store.session("ses_1")
    const world = makeWorld()
    if (record) world.store.saveSession(record)
    expect(await world.message("msg_2", "b/1")).toBe(own)
    expect(world.turn()?.own.model).toBe(own)
  })

  test("the fallback that a new process is told by name, once the message was given back", async () => {
    const before = await switched()
    const record = before.store.session("ses_1")
    const world = makeWorld()
    if (record) world.store.saveSession(record)
    expect(await world.message("msg_2", "b/1")).toBe("b/1")
  })

  test("and a message that this process has lent is put back by its turn, not by the next one", async () => {
    const world = await switched({ givesBack: false })
    const before = world.calls.length
    await world.message("msg_2", "d/1")
    expect(world.calls.slice(before)).toEqual([])
  })

  test("and the message that was left on a stand-in is put back", async () => {
    const before = await switched({ givesBack: false })
    const record = before.store.session("ses_1")
    const world = makeWorld()
    if (record) world.store.saveSession(record)
    await world.message("msg_2", "d/1")
    expect(world.calls).toEqual([`repair msg_1 ${own}`])
    expect(world.turn()?.own.model).toBe("d/1")
  })

  test("and every message that was left on a stand-in is put back", async () => {
    const before = await switched({ givesBack: false })
    const record = before.store.session("ses_1")
    const world = makeWorld()
    if (record) world.store.saveSession({ ...record, lent: "msg_2", lentBefore: ["msg_1"] })
    await world.message("msg_3", "d/1")
    expect(world.calls).toEqual([`repair msg_1 ${own}`, `repair msg_2 ${own}`])
  })

  test("the user's, of a message that OpenCode has made of a lent one: the next process gives it back too", async () => {
    const world = await switched({ givesBack: false })
    const id = "msg_3"
    for (const model of ["b/1", "d/1"] as const)
      world.turns.noteCompaction("ses_1", model, { id: "msg_2", agent: "compaction", model: modelRef(model) })
    await world.step(id, "b/1")
    const record = world.store.session("ses_1")
    expect(record).toMatchObject({ own, inUse: "b/1", lent: id, lentBefore: ["msg_1", "msg_2"] })
    expect(record?.reason).toBe("rate_limit")
  })

  test("the fallback from the second message on, when it is still named in that process", async () => {
    const before = await switched({ givesBack: false })
    const record = before.store.session("ses_1")
    const world = makeWorld()
    if (record) world.store.saveSession(record)
    await world.message("msg_2", "b/1")
    expect(await world.message("msg_3", "b/1")).toBe("b/1")
  })

  test("with the variant that the user had on it", async () => {
    const world = makeWorld({
      onReplay: async ({ messageID, model }, that) =>
        void (await that.message(messageID, model, { isReplay: true })),
    })
    await world.message("msg_1", own, { variant: "high" })
    await world.retry("rate limited")
    world.pass(120_000)
    await world.message("msg_2", "b/1", { isNamed: false })
    expect(world.turn()?.own.variant).toBe("high")
  })
})

describe("a message whose own model cannot be asked", () => {
  test("goes straight to the fallback while it cools down, and the toast is not repeated", async () => {
    const world = await switched()
    expect(await world.message("msg_2", own)).toBe("b/1")
    expect(world.turn()).toMatchObject({
      own: { model: own },
      inUse: { model: "b/1" },
      attempts: 0,
      tried: [{ model: own, kind: "rate_limit" }],
    })
    expect(world.toasts).toHaveLength(1)
    expect(world.store.session("ses_1")).toMatchObject({ own, inUse: "b/1", lent: "msg_2" })
    world.pass(1_000)
    await world.step("msg_2", "b/1")
    expect(world.store.journal({ limit: 2 })).toMatchObject([{ at: world.now(), durationMs: 0 }, {}])
    expect(world.toasts).toHaveLength(1)
  })

  test("is told of once a model is asked: a client may add one that nobody is to answer", async () => {
    const world = makeWorld()
    const told = (): readonly number[] => [world.toasts.length, world.store.journal({ limit: 9 }).length]
    world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
    for (const id of ["msg_1", "msg_2"]) expect(await world.message(id, own)).toBe("b/1")
    // Of a message before it, in whose run it may yet be lost.
    await world.step("msg_1", "a/own")
    expect(told()).toEqual([0, 0])
    for (const _ of [1, 2]) await world.step("msg_2", "b/1")
    expect(told()).toEqual([1, 1])
  })

  test("is not told of once a later message goes to its own model again", async () => {
    const world = makeWorld()
    world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
    expect(await world.message("msg_1", own)).toBe("b/1")
    world.store.updateCircuit("model:a/own", () => undefined)
    expect(await world.message("msg_2", own)).toBe(own)
    await world.step("msg_2", own)
    expect([world.toasts, world.store.journal({ limit: 9 })]).toEqual([[], []])
  })

  test("goes to its own model again when the cooldown is over", async () => {
    const world = await switched()
    world.pass(120_000)
    expect(await world.message("msg_2", own)).toBe(own)
  })

  const rows: readonly (readonly [string, (world: World) => void, WorldOptions])[] = [
    [
      "held by hand",
      (world) => void world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0)),
      {},
    ],
    ["not connected", () => undefined, { catalog: catalogWith("b/1") }],
    ["unknown", () => undefined, { catalog: catalogWith("a/other", "b/1") }],
  ]
  test.each(rows)("goes to the fallback when it is %s", async (_, prepare, options) => {
    const world = makeWorld(options)
    prepare(world)
    expect(await world.message("msg_1", own)).toBe("b/1")
  })

  test("goes to its own model when nobody else can take it", async () => {
    const world = makeWorld({ catalog: catalogWith("z/1") })
    expect(await world.message("msg_1", own)).toBe(own)
    expect(ownFaults(world)).toEqual([])
  })

  test("goes to its own model when OpenCode cannot say which models there are", async () => {
    const world = makeWorld({ catalog: { known: false } })
    expect(await world.message("msg_1", own)).toBe(own)
  })

  test("goes to its own model when the user has switched us off", async () => {
    const world = await switched()
    world.sessions.patch("ses_1", { off: true })
    expect(await world.message("msg_2", own)).toBe(own)
  })
})

describe("restore_primary", () => {
  test("next_message: the own model is asked first in spite of its cooldown", async () => {
    const world = await switched(restoring("next_message"))
    expect(await world.message("msg_2", own)).toBe(own)
    expect(world.turn()?.keepsOwn).toBe(true)
  })

  test("next_message: not when it is held by hand", async () => {
    const world = await switched(restoring("next_message"))
    world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
    expect(await world.message("msg_2", own)).toBe("b/1")
  })

  test("never: the session stays on the fallback, also long after the cooldown", async () => {
    const world = await switched(restoring("never"))
    world.pass(86_400_000)
    expect(await world.message("msg_2", own)).toBe("b/1")
    expect(world.turn()?.tried).toEqual([])
    expect(world.store.session("ses_1")).toMatchObject({ inUse: "b/1", reason: "rate_limit" })
  })

  const unavailable = apiError(503, "unavailable")

  /** A day later the session still stands on this model, and all have been well for long. */
  async function dayAfter(standIn: "b/1" | "c/1", models: readonly string[]): Promise<World> {
    const { settings } = restoring("never")
    const world = await switched({
      settings: { ...settings, agents: { build: { fallback_models: [...models] } } },
    })
    if (standIn !== "b/1") {
      world.store.updateCircuit("model:b/1", () => heldCircuit("model:b/1", 0))
      expect(await world.message("msg_2", own)).toBe(standIn)
      await world.step("msg_2", standIn)
      world.idle()
      world.store.updateCircuit("model:b/1", () => undefined)
    }
    world.pass(86_400_000)
    expect(await world.message("msg_3", own)).toBe(standIn)
    return world
  }

  test.each<readonly ["b/1" | "c/1", readonly string[], readonly ModelKey[]]>([
    ["c/1", ["b/1", "c/1"], ["c/1", "b/1", own]],
    ["b/1", ["b/1", "c/1"], ["b/1", "c/1", own]],
    ["b/1", ["b/1"], ["b/1", own]],
  ])(
    "never: from %s of %j a turn goes through the list, and to the own model last",
    async (first, list, all) => {
      const world = await dayAfter(first, list)
      for (const model of all) {
        expect(world.turn()?.inUse.model).toBe(model)
        await world.step("msg_3", model)
        await world.fail("msg_3", model, unavailable)
      }
      expect(world.store.journal({ limit: 1 })).toMatchObject([{ event: "exhausted", from: own }])
    },
  )

  test("never: with nobody left the end says why the own model, which was not asked, cannot be used", async () => {
    const world = await dayAfter("b/1", ["b/1"])
    await world.failover.judge(
      turnOf({ own: { model: own }, inUse: { model: own, requests: 1 } }),
      { status: 529 },
      undefined,
    )
    await world.step("msg_3", "b/1")
    await world.fail("msg_3", "b/1", unavailable)
    expect(world.toasts.at(-1)?.message).toBe(
      "a/own: model is overloaded. No other model is left: b/1 (already tried: service is unavailable). a/own is back first, in about a minute.",
    )
  })

  test("never: the session stays on the very one that stands in, which is no news, until that one rests", async () => {
    const world = await switched(restoring("never"))
    world.store.updateCircuit("model:b/1", () => heldCircuit("model:b/1", 0))
    expect(await world.message("msg_2", own)).toBe("c/1")
    await world.step("msg_2", "c/1")
    world.idle()
    world.store.updateCircuit("model:b/1", () => undefined)
    world.pass(86_400_000)
    const told = world.toasts.length
    expect(await world.message("msg_3", own)).toBe("c/1")
    await world.step("msg_3", "c/1")
    expect([world.toasts.length, world.store.journal({ limit: 9 }).length]).toEqual([told, 2])
    world.store.updateCircuit("model:c/1", () => heldCircuit("model:c/1", 0))
    expect(await world.message("msg_4", own)).toBe("b/1")
    await world.step("msg_4", "b/1")
    await world.fail("msg_4", "b/1", unavailable)
    expect(world.turn()?.inUse.model).toBe(own)
  })

  test("never: another model picked by hand is another choice", async () => {
    const world = await switched(restoring("never"))
    expect(await world.message("msg_2", "d/1")).toBe("d/1")
  })
})

describe("a request of the turn", () => {
  test("brings along the agent that OpenCode has gone over to, and the chain follows it", async () => {
    const settings = { agents: { plan: { fallback_models: ["c/1"] }, build: { fallback_models: ["b/1"] } } }
    const world = makeWorld({ settings })
    await world.message("msg_1", own, { agent: "plan" })
    await world.step("msg_1", own, "plan")
    expect(world.failover.chain(world.turn() ?? fail()).entries).toEqual([{ model: "c/1" }])
    // The message in between comes from OpenCode itself: no `chat.message` tells of it.
    await world.step("msg_2", own, "build")
    expect(world.failover.chain(world.turn() ?? fail()).entries).toEqual([{ model: "b/1" }])
  })

  test("names the new agent's own model as the user's choice", async () => {
    const world = makeWorld()
    await world.message("msg_1", own, { agent: "plan" })
    await world.step("msg_1", own, "plan")
    await world.step("msg_2", "d/1", "build")
    expect(world.turn()).toMatchObject({ own: { model: "d/1" }, inUse: { model: "d/1" } })
  })

  test("on the fallback leaves the user's own choice as it is", async () => {
    const world = await switched()
    expect(world.turn()).toMatchObject({ own: { model: own }, inUse: { model: "b/1" } })
  })

  test("of an older message changes nothing of what is carried", async () => {
    const world = makeWorld()
    await world.message("msg_2", own)
    await world.step("msg_1", "d/1", "plan")
    expect(world.turn()).toMatchObject({ own: { model: own }, inUse: { model: own }, agent: "build" })
  })

  test("of a turn that was not seen from its start opens one", async () => {
    const world = makeWorld()
    await world.step("msg_1", own)
    expect(world.turn()).toMatchObject({ messageID: "msg_1", own: { model: own }, phase: { is: "running" } })
  })

  test("after the turn's end takes it up again", async () => {
    const world = makeWorld()
    await world.message("msg_1", own)
    await world.step("msg_1", own)
    world.idle()
    expect(world.turn()?.phase).toEqual({ is: "ended" })
    await world.step("msg_1", own)
    expect(world.turn()?.phase).toEqual({ is: "running" })
  })

  test("after Esc does not take it up again", async () => {
    const world = makeWorld()
    await world.message("msg_1", own)
    world.turns.aborted("ses_1", "msg_1")
    await world.step("msg_1", own)
    expect(world.turn()?.phase).toEqual({ is: "aborted" })
  })

  const fail = (): never => {
    throw new Error("no turn")
  }
})

describe("a request that OpenCode prepares", () => {
  const note = (world: World, id: string, model: ModelKey) =>
    world.turns.noteStep("ses_1", model, {
      id,
      agent: "build",
      model: { providerID: "x", modelID: "y" },
    })

  async function onStandIn(): Promise<World> {
    const world = makeWorld()
    await world.message("msg_1", own)
    world.change(switchTo({ model: "b/1" }, {}))
    return world
  }

  test("for a newer message on the stand-in belongs to the turn, and its own model is the user's", async () => {
    const world = await onStandIn()
    expect(note(world, "msg_1", "b/1")).toBeUndefined()
    expect(note(world, "msg_2", "b/1")).toEqual({ model: own, variant: undefined })
    expect(world.turn()).toMatchObject({ messageID: "msg_2", inUse: { model: "b/1", requests: 2 } })
    expect(note(world, "msg_2", "b/1")).toBeUndefined()
  })

  test("for a newer message on the own model has nothing to be given back", async () => {
    const world = makeWorld()
    await world.message("msg_1", own)
    expect(note(world, "msg_2", own)).toBeUndefined()
    expect(world.turn()).toMatchObject({ messageID: "msg_2", inUse: { requests: 1, step: "announced" } })
  })

  test("of a turn that was not seen from its start asks nothing of a fallback but tools", () => {
    const world = makeWorld()
    note(world, "msg_1", own)
    expect(world.turn()).toMatchObject({
      needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
      keepsOwn: false,
    })
  })
})

describe("a compaction", () => {
  const note = (world: World, named: ModelKey, model: ModelKey = named) =>
    world.turns.noteCompaction("ses_1", model, {
      id: "msg_2",
      agent: "compaction",
      model: modelRef(named),
    })

  async function running(): Promise<World> {
    const world = makeWorld()
    await world.message("msg_1", own)
    return world
  }

  test("in the middle of a turn belongs to its agent, and the turn is to go on", async () => {
    const world = await running()
    expect(note(world, own)).toBeUndefined()
    expect(world.sessions.get("ses_1").compaction).toMatchObject({
      turn: { agent: "build", own: { model: own } },
      isAutomatic: true,
      repeating: false,
    })
  })

  test("by hand, after a turn, has nothing to go on with", async () => {
    const world = await running()
    world.turns.ended("ses_1")
    note(world, own)
    expect(world.sessions.get("ses_1").compaction?.isAutomatic).toBe(false)
  })

  test("without a turn is its own agent's", () => {
    const world = makeWorld()
    expect(note(world, own)).toBeUndefined()
    expect(world.sessions.get("ses_1").compaction?.turn.agent).toBe("compaction")
  })

  test("that names the stand-in is to name the user's own model", async () => {
    const world = await running()
    world.change(switchTo({ model: "b/1" }, {}))
    expect(note(world, "b/1")).toEqual({ model: own, variant: undefined })
  })

  test("that names a third model, or the own one, names it on purpose", async () => {
    const world = await running()
    world.change(switchTo({ model: "b/1" }, {}))
    expect(note(world, "d/1")).toBeUndefined()
    expect(note(world, own)).toBeUndefined()
  })

  test("that was repeated on another model is still the same one, and the user's own model is known", async () => {
    const world = makeWorld({ settings: { fallback_models: ["b/1"] } })
    world.busy()
    note(world, own)
    await world.retry("rate limited")
    const { compaction } = world.sessions.get("ses_1")
    expect(note(world, "b/1")).toEqual({ model: own, variant: undefined })
    expect(world.sessions.get("ses_1").compaction).toBe(compaction as never)
  })

  test("is over when the session is at rest, but not while it is being repeated", () => {
    const world = makeWorld()
    note(world, own)
    const { compaction } = world.sessions.get("ses_1")
    if (compaction) world.sessions.patch("ses_1", { compaction: { ...compaction, repeating: true } })
    world.turns.ended("ses_1")
    expect(world.sessions.get("ses_1").compaction).toBeDefined()
    if (compaction) world.sessions.patch("ses_1", { compaction })
    world.turns.ended("ses_1")
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })
})

describe("our own replay", () => {
  const started = sendReplay({ is: "running" })
  const rows: readonly (readonly [string, (world: World) => void, string, boolean])[] = [
    ["is the message that was sent again", (world) => world.change(started), "msg_1", true],
    ["is no other message", (world) => world.change(started), "msg_2", false],
    ["is none while the failed run still ends", (world) => world.change(beginReplay), "msg_1", false],
    ["is none in a turn that runs", () => undefined, "msg_1", false],
  ]
  test.each(rows)("%s", async (_, prepare, messageID, expected) => {
    const world = makeWorld()
    await world.message("msg_1", own)
    prepare(world)
    const { phase } = world.turn() ?? fail()
    world.turns.acceptReplay("ses_1", messageID)
    expect(world.turn()?.phase).toEqual(expected ? { is: "running" } : phase)
    expect(world.refused).toEqual([])
  })

  test("is none in a session that is not known", () => {
    const world = makeWorld()
    world.turns.acceptReplay("ses_9", "msg_1")
    expect(world.refused).toEqual([])
  })

  const fail = (): never => {
    throw new Error("no turn")
  }
})

describe("a model that the user has handed the turns over to", () => {
  test("takes them from their start, under the user's own choice and variant", async () => {
    const world = makeWorld()
    world.sessions.patch("ses_1", { handedOver: { own, to: { model: "d/1" } } })
    expect(await world.message("msg_1", own, { variant: "high" })).toBe("d/1")
    expect(world.turn()).toMatchObject({
      own: { model: own, variant: "high" },
      inUse: { model: "d/1", variant: "high" },
      attempts: 0,
    })
    expect(world.store.session("ses_1")).toMatchObject({ own, inUse: "d/1", lent: "msg_1" })
    expect(world.toasts).toEqual([])
  })

  test("takes no turn of another choice, and none any more after it", async () => {
    const world = makeWorld()
    world.sessions.patch("ses_1", { handedOver: { own, to: { model: "d/1" } } })
    expect(await world.message("msg_1", "c/1")).toBe("c/1")
    expect(await world.message("msg_2", own)).toBe(own)
  })
})

test("the end of a turn drops what its first failure looked like", async () => {
  const world = makeWorld()
  await world.message("msg_1", own)
  await world.step("msg_1", own)
  world.change(keepOriginal({ body: "large" }, {}))
  world.idle()
  expect(world.turn()?.original).toBeUndefined()
})

test("a deleted session leaves nothing behind", async () => {
  const world = makeWorld()
  await world.message("msg_1", own)
  await world.event("session.deleted", { info: { id: "ses_1" } })
  expect(world.turn()).toBeUndefined()
})

describe("a limit that is nearly used up (leave_at_percent)", () => {
  const leaving = (
    fallback_models: readonly string[],
    leave_at_percent: number | "off" = 80,
  ): WorldOptions => ({
    settings: {
      agents: { build: { fallback_models: [...fallback_models] } },
      providers: { a: { ...(leave_at_percent !== "off" && { leave_at_percent }) } },
    },
    catalog: catalogWith("a/own", "a/other", "b/1"),
  })
  const fill = (world: World, usedPercent: number): void => {
    const now = world.now()
    const windows = [{ name: "5 h", usedPercent, resetsAt: now + 60_000, seenAt: now }]
    world.store.saveLimits({ account: "a", windows, updatedAt: now })
  }

  test("a turn begins on the stand-in until the window is new, past the provider's other models", async () => {
    const world = makeWorld(leaving(["a/other", "b/1"]))
    fill(world, 83)
    expect(await world.message("msg_1", own)).toBe("b/1")
    await world.step("msg_1", "b/1")
    expect(world.toasts.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^a\/own: 5 h window 83 % used, resets at .*Continuing with b\/1/),
    ])
    world.idle()
    world.pass(60_000)
    expect(await world.message("msg_2", own)).toBe(own)
  })

  test("the own model, which was only spared, is asked when the stand-ins fail", async () => {
    const world = makeWorld(leaving(["a/other", "b/1"]))
    fill(world, 83)
    await world.message("msg_1", own)
    await world.step("msg_1", "b/1")
    const deadKey = { status: 401, message: "invalid api key" }
    const turn = world.turn() ?? turnOf()
    const { decision } = await world.failover.judge(turn, deadKey, undefined)
    expect(decision).toMatchObject({ do: "switch", to: { model: "a/other" } })
    const later = switchTo({ model: "a/other" }, { kind: "auth" })(turn) ?? turn
    const second = await world.failover.judge(later, { status: 503 }, undefined)
    expect(second.decision).toMatchObject({ do: "switch", to: { model: own } })
    const last = switchTo({ model: own }, { kind: "unavailable" })(later) ?? turn
    const third = await world.failover.judge(last, { status: 503 }, undefined)
    expect(third.decision).toMatchObject({ do: "exhausted" })
  })

  test("never in the middle of a turn", async () => {
    const world = makeWorld(leaving(["b/1"]))
    await world.message("msg_1", own)
    await world.step("msg_1", own)
    fill(world, 99)
    await world.step("msg_1", own)
    expect(world.turn()).toMatchObject({ inUse: { model: own } })
  })

  test.each<[string, WorldOptions, number]>([
    ["below it", leaving(["b/1"]), 79],
    ["without the setting", leaving(["b/1"], "off"), 100],
    ["without anybody else", leaving(["a/other"]), 100],
  ])("the own model keeps the turn %s", async (_, options, usedPercent) => {
    const world = makeWorld(options)
    fill(world, usedPercent)
    expect(await world.message("msg_1", own)).toBe(own)
  })
})
