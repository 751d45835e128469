import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../../../src/config/schema.ts"
import type { Failover } from "../../../../../src/failover/failover.ts"
import { markStep } from "../../../../../src/turn/transitions.ts"
import type { StepState } from "../../../../../src/turn/turn.ts"
import { ownFaults } from "../in-flight/step.ts"
import { apiError, makeWorld, usual, type World, type WorldOptions } from "../world.ts"

const badKey = apiError(401, "invalid api key")

/** A session that compacts on its own model; with `isAutomatic` in the middle of a turn. */
async function compacting(isAutomatic: boolean, options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  world.busy()
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  if (!isAutomatic) world.idle()
  world.busy()
  await world.step("msg_2", "a/own", "compaction")
  return world
}

/** How far the compaction's request has come in flight. */
function mark({ sessions }: World, step: StepState): void {
  const { compaction } = sessions.get("ses_1")
  const turn = compaction && markStep(step)(compaction.turn)
  if (turn) sessions.patch("ses_1", { compaction: { ...compaction, turn } })
}

describe("a compaction whose requests are caught", () => {
  test.each([
    ["decided", 2_000],
    ["decided", 3_600_000],
    ["answered", 2_000],
    ["in-flight", 2_000],
  ] as const)("and that was %s goes on where OpenCode asks again in %p ms", async (step, pauseMs) => {
    const world = await compacting(true)
    mark(world, step)
    await world.retry("rate limited", pauseMs)
    expect(world.calls).toEqual([])
    expect(world.sessions.get("ses_1").compaction).toMatchObject({ repeating: false })
  })

  test("is repeated where OpenCode would wait for an hour after all", async () => {
    const world = await compacting(true)
    mark(world, "answered")
    await world.retry("rate limited", 3_600_000)
    expect(world.calls).toEqual(["abort", "summarize b/1 and go on"])
  })

  test("and whose answer broke off for good is repeated; what was decided in flight is not", async () => {
    for (const [step, calls] of [
      ["answered", ["summarize b/1 and go on"]],
      ["decided", []],
    ] as const) {
      const world = await compacting(true)
      mark(world, step)
      await world.fail("msg_2", "a/own", badKey)
      expect(world.calls).toEqual([...calls])
    }
  })
})

describe("a compaction that fails", () => {
  test("with nobody left, of which OpenCode tells twice, is one end and no failure of the turn", async () => {
    const idleTimes = { quietMs: 2, missingMs: 60_000, longestMs: 60_000 }
    const world = await compacting(true, { settings: {}, idleTimes })
    const first = world.event("session.error", { error: badKey })
    await new Promise((later) => setImmediate(later))
    const info = { sessionID: "ses_1", role: "assistant", parentID: "msg_2", error: badKey }
    const second = world.event("message.updated", { info })
    world.idle()
    world.idle()
    await Promise.all([first, second])
    expect(world.store.journal({ limit: 9 }).map(({ event }) => event)).toEqual(["exhausted"])
    expect(world.calls).toEqual([])
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })

  test("is ended and repeated on the next model, and the turn is not replayed", async () => {
    const world = await compacting(false)
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "summarize b/1"])
    expect(world.toasts.map(({ message }) => message)).toEqual([
      "a/own: rate limit reached. Continuing with b/1. a/own is back in about a minute.",
    ])
  })

  test("because it is too long for its model is repeated where the settings say so", async () => {
    const settings: SettingsInput = { ...usual, runtime_fallback: { fallback_on: ["context_overflow"] } }
    const world = await compacting(false, { settings })
    const data = { message: "prompt is too long" }
    await world.fail("msg_2", "a/own", { name: "ContextOverflowError", data })
    expect(world.calls).toEqual(["summarize b/1"])
  })

  test("goes on with the turn afterwards when it had interrupted one", async () => {
    const world = await compacting(true)
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "summarize b/1 and go on"])
  })

  test("goes on with a prompt that has joined it, which stands before the new one", async () => {
    const world = await compacting(false)
    await world.message("msg_3", "a/own")
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "summarize b/1 and go on"])
  })

  test("is repeated once, though the error is told twice", async () => {
    const world = await compacting(false)
    await world.fail("msg_2", "a/own", badKey)
    expect(world.calls).toEqual(["summarize b/1"])
    expect(world.store.journal({ limit: 9 })).toHaveLength(1)
  })

  test("is ended and repeated once, though its failure is told twice before it has ended", async () => {
    const world = await compacting(false)
    await Promise.all([world.retry("rate limited"), world.retry("rate limited")])
    expect(world.calls).toEqual(["abort", "summarize b/1"])
  })

  test("is repeated only when the failed one has come to its end", async () => {
    const world = await compacting(false, { onAbort: () => undefined })
    const repeated = world.retry("rate limited")
    while (!world.calls.includes("abort")) await Promise.resolve()
    expect(world.calls).toEqual(["abort"])
    world.idle()
    await repeated
    expect(world.calls).toEqual(["abort", "summarize b/1"])
  })

  test("the journal says how long it took", async () => {
    const world = await compacting(false, {
      onAbort: (that) => {
        that.pass(40)
        that.idle()
      },
    })
    await world.retry("rate limited")
    expect(world.store.journal({ limit: 1 })[0]).toMatchObject({ event: "switched", durationMs: 40 })
  })

  test("walks the chain to its end and no further", async () => {
    const world = await compacting(false)
    for (const model of ["a/own", "b/1", "c/1"] as const) {
      await world.step("msg_2", model, "compaction")
      await world.fail("msg_2", model, badKey)
    }
    await world.fail("msg_2", "c/1", badKey)
    expect(world.calls).toEqual(["summarize b/1", "summarize c/1"])
    expect(world.toasts.at(-1)).toMatchObject({
      variant: "error",
      message: expect.stringMatching(/^a\/own: key was rejected/),
    })
  })

  test("is not begun again where the user has ended it while its failure was judged", async () => {
    const world: World = await compacting(true, {
      failover: (real) => ({
        ...real,
        judge: (...failed) => {
          world.idle()
          return real.judge(...failed)
        },
      }),
    })
    await world.retry("rate limited")
    expect(world.calls).toEqual([])
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })

  test("is left to OpenCode when its request is at fault", async () => {
    const world = await compacting(false)
    await world.retry("max_tokens too large")
    expect(world.calls).toEqual([])
    expect(ownFaults(world)).toEqual([])
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "summarize b/1"])
  })

  test("is left to OpenCode when we are off", async () => {
    const world = await compacting(false)
    world.sessions.patch("ses_1", { off: true })
    await world.retry("rate limited")
    expect(world.calls).toEqual([])
  })

  test("and that nobody can repeat is over with its run: later failures are the turn's", async () => {
    const world = await compacting(false, { settings: {} })
    await world.fail("msg_2", "a/own", apiError(503, "down"))
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })

  describe("and that nobody is left for", () => {
    const anHour = 3_600_000

    async function exhausted(isAutomatic: boolean, pauseMs: number): Promise<World> {
      const world = await compacting(isAutomatic)
      for (const model of ["a/own", "b/1", "c/1"] as const) {
        world.busy()
        await world.step("msg_2", model, "compaction")
        await world.retry("rate limited", pauseMs)
      }
      return world
    }

    test.each([
      [false, "summarize a/own"],
      [true, "summarize a/own and go on"],
    ])("ends with one error instead of waiting for an hour (automatic: %p)", async (isAutomatic, again) => {
      const world = await exhausted(isAutomatic, anHour)
      expect(world.calls.slice(-2)).toEqual(["abort", again])
      expect(world.toasts.at(-1)).toMatchObject({ variant: "error" })
      const told = world.toasts.length
      const refusal = await world.step("msg_3", "a/own", "compaction")
      expect(refusal).toContain("No model is left")
      await world.fail("msg_3", "a/own", { name: "UnknownError", data: { message: refusal } })
      expect(world.calls.slice(-2)).toEqual(["abort", again])
      expect(world.toasts).toHaveLength(told)
      expect(world.sessions.get("ses_1").compaction).toBeUndefined()
      expect(await world.step("msg_4", "a/own", "compaction")).toBeUndefined()
    })

    test("is left to OpenCode's own retries, where these are short", async () => {
      const world = await exhausted(false, 2_000)
      expect(world.calls.at(-1)).toBe("summarize c/1")
      expect(await world.step("msg_2", "c/1", "compaction")).toBeUndefined()
    })
  })

  test("and is judged by an internal error: the session is not stuck in it", async () => {
    const slip = (failover: Failover): Failover => ({
      ...failover,
      judge: () => Promise.reject(new Error("a slip")),
    })
    const world = await compacting(false, { failover: slip })
    await world.retry("rate limited")
    expect(ownFaults(world).join()).toContain("a slip")
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })

  test("and cannot be repeated is logged, and the session is not stuck in it", async () => {
    const world = await compacting(false, { onSummarize: () => Promise.reject(new Error("no such session")) })
    await world.retry("rate limited")
    expect(world.logs.join("\n")).toContain("no such session")
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })
})

test("the end of a compaction is its end: later failures are the turn's", async () => {
  const world = await compacting(true)
  await world.event("session.compacted", {})
  await world.step("msg_1", "a/own")
  await world.retry("rate limited")
  expect(world.calls).toEqual(["abort", "replay b/1"])
})
