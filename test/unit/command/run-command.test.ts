import { describe, expect, test } from "bun:test"
import { keyCircuit } from "../../../src/core/circuit.ts"
import { parseCommand } from "../../../src/command/parse-command.ts"
import { describeEntry, runCommand } from "../../../src/command/run-command.ts"
import { apiError, makeWorld, usual, type World } from "../failover/world.ts"

function run(world: World, text: string, keyCounts: ReadonlyMap<string, number> = new Map()): string {
  const { sessions, store, failover, now, settings } = world
  const { enabled } = settings.runtime_fallback
  return runCommand({ sessions, store, failover, enabled, keyCounts, now }, "ses_1", parseCommand(text))
}

async function switched(): Promise<World> {
  const world = makeWorld({
    onReplay: async ({ messageID, model }, that) =>
      void (await that.message(messageID, model, { isReplay: true })),
  })
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  await world.fail("msg_1", "a/own", apiError(503, "unavailable"))
  world.pass(15_000)
  return world
}

describe("status", () => {
  test("of a session that has asked nobody yet", () => {
    expect(run(makeWorld(), "status")).toBe(
      "This session has not asked a model yet.\n\nNothing is cooling down.",
    )
  })

  test("of a provider with several keys names each by its number", () => {
    const world = makeWorld()
    const key = keyCircuit("a", "0123456789abcdef")
    const until = world.now() + 40_000
    const record = { failures: 1, kind: "rate_limit", failedAt: world.now(), until, keyNumber: 1 } as const
    world.store.updateCircuit(key, () => ({ key, ...record }))
    expect(run(world, "status", new Map([["a", 2]]))).toBe(
      "This session has not asked a model yet.\n\nNothing is cooling down.\n\n" +
        "Keys:\n- a: key 1: rate limit reached, back in 40 s; key 2: ready",
    )
  })

  test("of a healthy session", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    expect(run(world, "")).toBe(
      "Your model: **a/own**\n\nFallback models (agents.build):\n- b/1\n- c/1\n\nNothing is cooling down.",
    )
  })

  test("of a session without a chain", async () => {
    const world = makeWorld({ settings: {} })
    await world.message("msg_1", "a/own")
    expect(run(world, "")).toContain("Fallback models: none are set for it.")
  })

  test("names the model in its place, why, until when, and the last switches", async () => {
    const world = await switched()
    const text = run(world, "status")
    expect(text).toContain("Your model: **a/own** – service is unavailable, cooling down for 45 s")
    expect(text).toContain("In use: **b/1**, in its place (service is unavailable)")
    expect(text).toContain("Cooling down:\n- a/own: service is unavailable, 45 s left")
    expect(text).toContain("Last switches here:\n- 15 s ago, a/own to b/1: service is unavailable")
  })

  test("names a provider that is tripped as a whole", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    await world.fail("msg_1", "a/own", apiError(401, "invalid api key"))
    expect(run(world, "")).toContain("- all of a: key was rejected, 1 h left")
  })

  test("says that we are off, here or everywhere", () => {
    const here = makeWorld()
    here.sessions.patch("ses_1", { off: true })
    expect(run(here, "")).toContain("Understudy is **off** in this session.")
    const everywhere = makeWorld({ settings: { ...usual, runtime_fallback: { enabled: false } } })
    expect(run(everywhere, "")).toContain("**off** in the settings (`runtime_fallback.enabled`)")
  })
})

describe("a command does what it says", () => {
  test("off and on", () => {
    const world = makeWorld()
    expect(run(world, "off")).toContain("off in this session")
    expect(world.failover.enabled("ses_1")).toBe(false)
    expect(run(world, "on")).toBe("Understudy is on in this session.")
    expect(world.failover.enabled("ses_1")).toBe(true)
  })

  test("on does not claim to overrule the settings", () => {
    const world = makeWorld({ settings: { ...usual, runtime_fallback: { enabled: false } } })
    expect(run(world, "on")).toContain("stays off here")
  })

  test("hold and reset of one model", () => {
    const world = makeWorld()
    expect(run(world, "hold b/1")).toContain("b/1 is held out of use, in all sessions.")
    expect(world.failover.tryProbe("b/1")).toEqual({ why: "held" })
    expect(run(world, "")).toContain("- b/1: held by hand")
    expect(run(world, "reset c/1")).toBe("c/1 was not cooling down.")
    expect(world.failover.tryProbe("b/1")).toEqual({ why: "held" })
    expect(run(world, "reset B/1")).toBe("B/1 may be used again.")
    expect(world.failover.tryProbe("b/1")).toBeUndefined()
  })

  test("reset of a model ends its provider's cooldown as well", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    await world.fail("msg_1", "a/own", apiError(401, "invalid api key"))
    expect(run(world, "reset a/own")).toBe("a/own may be used again.")
    expect(world.store.circuits()).toEqual([])
  })

  test("reset of everything", async () => {
    const world = await switched()
    run(world, "chain d/1")
    run(world, "off")
    expect(run(world, "reset")).toBe("Reset: 1 cooldown ended, and this session follows the settings again.")
    expect(world.store.circuits()).toEqual([])
    expect(world.sessions.get("ses_1")).toMatchObject({ off: false })
    expect(world.sessions.get("ses_1").chain).toBeUndefined()
  })

  test("chain, and back", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    expect(run(world, "chain d/1, c/1")).toBe("This session's fallback models: d/1, then c/1.")
    expect(run(world, "")).toContain("Fallback models (set for this session):\n- d/1\n- c/1")
    expect(run(world, "chain")).toBe("This session follows the settings again.")
    expect(run(world, "")).toContain("Fallback models (agents.build):")
  })

  test("help, and the same behind what was not understood", () => {
    const help = run(makeWorld(), "help")
    expect(help).toContain("/understudy status")
    expect(run(makeWorld(), "dance")).toBe(`"dance" is not known.\n\n${help}`)
  })
})

describe("a line of the journal", () => {
  const base = { at: 0, sessionID: "ses_1", from: "a/own" } as const
  test.each([
    [{ ...base, event: "switched", to: "b/1", kind: "auth" }, "5 s ago, a/own to b/1: key was rejected"],
    [{ ...base, event: "switched", to: "b/1" }, "5 s ago, a/own to b/1"],
    [{ ...base, event: "returned", to: "a/own" }, "5 s ago, back to a/own"],
    [{ ...base, event: "exhausted", kind: "quota" }, "5 s ago, nobody left after a/own: usage limit reached"],
  ] as const)("%p", (entry, text) => {
    expect(describeEntry(entry, 5_000)).toBe(text)
  })
})
