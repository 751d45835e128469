import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import type { SettingsInput } from "../../../../../src/config/schema.ts"
import { heldCircuit } from "../../../../../src/core/circuit.ts"
import type { ModelKey } from "../../../../../src/core/model-ref.ts"
import { SessionGoneError } from "../../../../../src/host/session-gone.ts"
import { switchTo, markStep } from "../../../../../src/turn/transitions.ts"
import { catalogWith } from "../../../catalog-of.ts"
import { ownFaults } from "../in-flight/step.ts"
import { apiError, makeWorld, usual, type World, type WorldOptions } from "../world.ts"

const own: ModelKey = "a/own"
const badKey = apiError(401, "invalid api key")
const notFound = (model: string): object => ({
  name: "UnknownError",
  data: { message: `Model not found: ${model}` },
})
const unread = { name: "UnknownError", data: { message: "the flux has gone" } }
const besideTheRun = {
  name: "UnknownError",
  data: { message: "Cannot read notes/rate limit exceeded.md" },
}

/** A turn whose first request has been prepared. */
async function asked(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", own)
  await world.step("msg_1", own)
  return world
}

const switches = (world: World): readonly string[] =>
  world.store
    .journal({ limit: 100 })
    .toReversed()
    .map((entry) => `${entry.event} ${entry.from} ${entry.to ?? ""}`.trim())

test("a session that the user deletes while its turn is replayed is no fault of ours", async () => {
  for (const [error, faults] of [
    [new SessionGoneError("Session not found"), 0],
    [Object.assign(new Error(), { name: "Session.NotFoundError" }), 0],
    [new Error("no"), 1],
  ] as const) {
    const world = makeWorld({ onReplay: () => Promise.reject(error) })
    await world.message("msg_1", "a/own")
    await world.step("msg_1", "a/own")
    await world.retry("rate limited")
    expect(ownFaults(world)).toHaveLength(faults)
    expect(world.replays).toHaveLength(1)
  }
})

describe("a failure is met by a replay", () => {
  test("while OpenCode waits to ask again: the run is aborted first", async () => {
    const world = await asked({ onReplay: (_, that) => that.pass(40) })
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "replay b/1"])
    expect(switches(world)).toEqual(["switched a/own b/1"])
    expect(world.store.journal({ limit: 1 })[0]?.durationMs).toBe(40)
    expect(world.turn()).toMatchObject({
      inUse: { model: "b/1" },
      attempts: 1,
      tried: [{ model: own, kind: "rate_limit" }],
    })
  })

  test("after an error: once, though the same error is told twice, and only when the run has truly ended", async () => {
    const world = await asked({ idleTimes: { quietMs: 2, missingMs: 60_000, longestMs: 60_000 } })
    const told: string[] = []
    const over = world.event("session.error", { error: badKey })
    world.idle()
    await Bun.sleep(5)
    told.push(...world.calls)
    const info = { role: "assistant", parentID: "msg_1", providerID: "a", modelID: "own", error: badKey }
    const again = world.event("message.updated", { info: { sessionID: "ses_1", ...info } })
    world.idle()
    await Promise.all([over, again])
    expect(told).toEqual([])
    expect(world.calls).toEqual(["replay b/1"])
    expect(switches(world)).toEqual(["switched a/own b/1"])
  })

  test.each<readonly [string, object, SettingsInput, readonly string[]]>([
    ["and left to OpenCode, which nobody can read", unread, usual, []],
    ["and one end, with nobody left", badKey, {}, ["exhausted a/own"]],
  ])(
    "an error that is told twice before the session is idle is one: %s",
    async (_, error, settings, told) => {
      const world = await asked({ settings })
      const info = { role: "assistant", parentID: "msg_1", providerID: "a", modelID: "own", error }
      const over = world.event("session.error", { error })
      // The first telling may have been judged by then.
      await new Promise((resolve) => setImmediate(resolve))
      const again = world.event("message.updated", { info: { sessionID: "ses_1", ...info } })
      world.idle()
      await Promise.all([over, again])
      expect(switches(world)).toEqual(told)
      expect(world.refused).toEqual([])
    },
  )

  test("of a model that was put in in flight and cannot be loaded", async () => {
    const world = await asked()
    world.change(switchTo({ model: "b/1" }, { kind: "overloaded" }))
    await world.fail("msg_1", "b/1", {
      name: "UnknownError",
      data: { message: "Failed to initialize provider: b" },
    })
    expect(world.calls).toEqual(["replay c/1"])
    expect(world.turn()?.tried.map(({ model }) => model)).toEqual([own, "b/1"])
  })

  test("of a model that was never asked, because it could not be loaded", async () => {
    const world = makeWorld()
    await world.message("msg_1", own)
    await world.fail("msg_1", own, {
      name: "UnknownError",
      data: { message: "Failed to initialize provider: a" },
    })
    expect(world.calls).toEqual(["replay b/1"])
  })

  test("of a model that does not exist", async () => {
    const world = await asked()
    await world.fail("msg_1", own, notFound("a/own."))
    expect(world.calls).toEqual(["replay b/1"])
  })

  test("under the same message id, on the variant that the message names", async () => {
    const world = makeWorld()
    await world.message("msg_1", own, { variant: "high" })
    await world.retry("rate limited")
    expect(world.replays).toEqual([{ messageID: "msg_1", model: "b/1", variant: "high" }])
  })

  test("with the variant that the chain names for the model", async () => {
    const settings = { agents: { build: { fallback_models: [{ model: "b/1", variant: "low" }] } } }
    const world = makeWorld({ settings })
    await world.message("msg_1", own, { variant: "high" })
    await world.retry("rate limited")
    expect(world.replays[0]?.variant).toBe("low")
  })

  test("and the record says so before OpenCode stores it: the process may be killed at any time", async () => {
    const seen: unknown[] = []
    const world = await asked({ onReplay: (_, that) => void seen.push(that.store.session("ses_1")) })
    await world.retry("rate limited")
    expect(seen).toMatchObject([{ inUse: "b/1", lent: "msg_1" }])
  })

  test("and the replay's own message does not begin a new turn", async () => {
    const world = await asked({
      onReplay: async ({ messageID, model }, that) => {
        await that.message(messageID, model, { isReplay: true })
      },
    })
    await world.retry("rate limited")
    expect(world.turn()).toMatchObject({ inUse: { model: "b/1" }, attempts: 1, phase: { is: "running" } })
  })

  test("and stays at work until OpenCode has taken the message up again", async () => {
    const world = await asked()
    await world.retry("rate limited")
    expect(world.turn()?.phase).toEqual({ is: "replaying", stage: "starting", next: { is: "running" } })
    await world.message("msg_1", "b/1", { isReplay: true })
    expect(world.turn()?.phase).toEqual({ is: "running" })
  })

  test("and the wait that the provider told is remembered, up to the longest cooldown", async () => {
    const world = await asked()
    await world.retry("rate limited", 1_800_000)
    expect(world.store.circuit("model:a/own")?.until).toBe(world.now() + 1_800_000)
  })

  test("of unknown words, when it comes a second time", async () => {
    const world = await asked()
    await world.retry("xyzzy")
    await world.step("msg_1", own)
    await world.retry("xyzzy")
    expect(world.calls).toEqual(["abort", "replay b/1"])
  })

  test("of unknown words, when the wait is longer than any of OpenCode's own", async () => {
    const world = await asked()
    await world.retry("xyzzy", 3_600_000)
    expect(world.calls).toEqual(["abort", "replay b/1"])
  })
})

describe("a failure is left alone", () => {
  const rows: readonly (readonly [string, (world: World) => Promise<void>])[] = [
    [
      "when the request itself is at fault",
      (world) => world.fail("msg_1", own, apiError(400, "max_tokens too large")),
    ],
    ["when the words of a retry say nothing", (world) => world.retry("xyzzy")],
    [
      "when it was decided in flight",
      (world) => {
        world.change(markStep("decided"))
        return world.fail("msg_1", own, badKey)
      },
    ],
    [
      "while it is in flight",
      (world) => {
        world.change(markStep("in-flight"))
        return world.retry("rate limited")
      },
    ],
    [
      "when the user has switched us off in this session",
      (world) => {
        world.sessions.patch("ses_1", { off: true })
        return world.fail("msg_1", own, badKey)
      },
    ],
    [
      "when the user has ended the turn",
      async (world) => {
        await world.event("session.error", { error: { name: "MessageAbortedError" } })
        await world.retry("rate limited")
      },
    ],
    [
      "when the session is idle already",
      async (world) => {
        world.idle()
        await world.event("session.error", { error: badKey })
      },
    ],
    [
      "when nobody can read it and OpenCode has given up, however often: it may be of a file or a command",
      async (world) => {
        for (let count = 0; count < 3; count += 1) {
          await world.event("session.error", { error: unread })
          await world.step("msg_1", own)
        }
      },
    ],
    [
      "when it is of the model of another prompt or command",
      async (world) => {
        for (const model of ["a/ow", "a/own.1", "z/own"])
          await world.fail("msg_1", own, notFound(`${model}. Did you mean: own?`))
      },
    ],
    [
      "when it is an answer that its provider has ended as filtered, or a prompt too long for it: no replay would run",
      async (world) => {
        for (const name of ["ContentFilterError", "ContextOverflowError"])
          await world.fail("msg_1", own, { name, data: { message: "invalid api key" } })
      },
    ],
    ["when it belongs to an earlier turn", (world) => late(world, "msg_0", "a/own")],
    ["when it is of a model that was left", (world) => late(world, "msg_1", "z/old")],
    [
      "when its session is not known",
      async (world) => {
        const sessionID = "ses_9"
        await world.event("session.error", { sessionID, error: badKey })
        await world.event("session.status", { sessionID, status: { type: "retry", message: "rate limited" } })
        const info = { sessionID, role: "assistant", id: "msg_3", parentID: "msg_1" }
        await world.event("message.updated", { info: { ...info, finish: "unknown" } })
        await world.event("message.updated", { info: { ...info, finish: "stop" } })
        await world.event("session.idle", { sessionID })
        await world.event("session.status", { sessionID, status: { type: "idle" } })
      },
    ],
    [
      "when its words say nothing and OpenCode waits as long as it may",
      (world) => world.retry("xyzzy", 40_000),
    ],
  ]
  test.each(rows)("%s", async (_, happens) => {
    const runtime_fallback: SettingsInput["runtime_fallback"] = {
      fallback_on: ["auth", "rate_limit", "model_not_found", "content_filter"],
    }
    const world = await asked({ settings: { ...usual, runtime_fallback } })
    await happens(world)
    expect(world.calls).toEqual([])
    expect(switches(world)).toEqual([])
    expect([...world.refused, ...ownFaults(world)]).toEqual([])
  })

  const late = (world: World, parentID: string, model: "a/own" | "z/old"): Promise<void> => {
    const [providerID, modelID] = model.split("/")
    const info = { sessionID: "ses_1", role: "assistant", parentID, providerID, modelID, error: badKey }
    return world.event("message.updated", { info })
  }
})

test("an error behind which the run goes on is of something else: no replay runs beside it", async () => {
  const world = await asked()
  await world.event("session.error", { error: besideTheRun })
  await world.step("msg_1", own)
  expect(world.turn()).toMatchObject({ inUse: { model: own }, phase: { is: "running" } })
  expect(world.calls).toEqual([])
  expect(switches(world)).toEqual([])
  expect([...world.refused, ...ownFaults(world)]).toEqual([])
})

test("so the request that was under way may still fail, and is met then", async () => {
  const world = await asked()
  await world.event("session.error", { error: besideTheRun })
  expect(world.turn()?.phase).toEqual({ is: "running" })
  await world.fail("msg_1", own, badKey)
  expect(world.calls).toEqual(["replay b/1"])
  expect([...world.refused, ...ownFaults(world)]).toEqual([])
})

describe("Esc", () => {
  test("behind an error of something else cuts the run off: no replay follows", async () => {
    const world = await asked()
    const told = world.event("session.error", { error: besideTheRun })
    await Bun.sleep(1)
    await world.fail("msg_1", own, { name: "MessageAbortedError", data: { message: "Aborted" } })
    await told
    expect(world.calls).toEqual([])
    expect(world.turn()?.phase).toEqual({ is: "aborted" })
    expect([...world.refused, ...ownFaults(world)]).toEqual([])
  })

  test("between the failed run and its replay ends the turn: OpenCode goes idle once more", async () => {
    const world = await asked()
    const failed = world.event("session.error", { error: badKey })
    for (let count = 0; count < 3; count += 1) world.idle()
    await failed
    expect(world.calls).toEqual([])
    expect(world.turn()?.phase).toEqual({ is: "aborted" })
    expect(switches(world)).toEqual([])
  })

  test("at the moment of our own abort is not lost: OpenCode goes idle once more than it should", async () => {
    const world = await asked({
      onAbort: (that) => {
        that.idle()
        that.idle()
      },
    })
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort"])
    expect(world.turn()?.phase).toEqual({ is: "aborted" })
    expect(switches(world)).toEqual([])
    // No idle follows, at which it would be.
    expect(world.givenBack).toEqual(["all"])
  })

  test("is not seen in our own abort, also when that cuts a request off", async () => {
    const world = await asked({
      onAbort: async (that) => {
        await that.event("session.error", { error: { name: "MessageAbortedError" } })
        that.idle()
        that.idle()
      },
    })
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "replay b/1"])
  })

  test("while the failure is judged ends the turn", async () => {
    const world = await asked({
      failover: (failover) => ({
        ...failover,
        judge: async (...args) => {
          world.idle()
          return failover.judge(...args)
        },
      }),
    })
    await world.retry("rate limited")
    expect(world.calls).toEqual([])
  })

  const meanwhile: readonly (readonly [string, (world: World) => Promise<unknown> | void])[] = [
    ["ends it by Esc", (world) => world.turns.aborted("ses_1", "msg_1")],
    ["deletes the session", (world) => world.sessions.forget("ses_1")],
    ["sends a newer prompt", (world) => world.message("msg_2", "d/1")],
  ]
  test.each(meanwhile)(
    "or whoever %s while an error is judged: nothing is done or told",
    async (_, happens) => {
      const world = await asked({
        settings: { agents: { build: { fallback_models: ["z/9"] } } },
        failover: (failover) => ({
          ...failover,
          judge: async (...args) => {
            await happens(world)
            return failover.judge(...args)
          },
        }),
      })
      await world.fail("msg_1", own, badKey)
      expect(switches(world)).toEqual([])
      expect(world.calls).toEqual([])
      expect([...world.refused, ...ownFaults(world)]).toEqual([])
    },
  )

  test("on the fallback ends the turn for good", async () => {
    const world = await asked({
      onReplay: async ({ messageID, model }, that) => {
        await that.message(messageID, model, { isReplay: true })
        await that.step(messageID, model)
      },
    })
    await world.retry("rate limited")
    await world.event("session.error", { error: { name: "MessageAbortedError" } })
    await world.fail("msg_1", "b/1", badKey)
    expect(world.calls).toEqual(["abort", "replay b/1"])
    expect(world.turn()?.phase).toEqual({ is: "aborted" })
  })

  test("of an earlier turn does not reach a prompt that has come since", async () => {
    const world = makeWorld()
    await world.message("msg_2", own)
    await world.event("session.error", { error: { name: "MessageAbortedError" } })
    const info = {
      sessionID: "ses_1",
      role: "assistant",
      parentID: "msg_1",
      error: { name: "MessageAbortedError" },
    }
    await world.event("message.updated", { info })
    expect(world.turn()?.phase).toEqual({ is: "running" })
  })
})

describe("a prompt that comes during a replay", () => {
  test("is answered on the fallback when it had joined the run that we ended", async () => {
    const world = await asked({
      onAbort: async (that) => {
        await that.message("msg_2", own)
        that.idle()
      },
    })
    // The second prompt is turned to the fallback at once: the model is known to be away.
    await world.retry("rate limited")
    expect(world.replays.map(({ messageID, model }) => `${messageID} ${model}`)).toEqual(["msg_2 b/1"])
  })

  test("is left alone when it has begun a run of its own", async () => {
    const world = await asked({
      onAbort: async (that) => {
        that.idle()
        await that.message("msg_2", "d/1")
        that.busy()
      },
    })
    await world.retry("rate limited")
    expect(world.replays).toEqual([])
    expect(world.turn()).toMatchObject({
      messageID: "msg_2",
      own: { model: "d/1" },
      phase: { is: "running" },
    })
  })

  test("is answered on the model that was picked for it, and no switch is told", async () => {
    const world = await asked({
      onAbort: async (that) => {
        await that.message("msg_2", "d/1")
        that.idle()
      },
    })
    await world.retry("rate limited")
    expect(world.replays.map(({ messageID, model }) => `${messageID} ${model}`)).toEqual(["msg_2 d/1"])
    expect(switches(world)).toEqual([])
  })

  test("is left alone when its first request is already prepared", async () => {
    const world = await asked({
      onAbort: async (that) => {
        that.idle()
        await that.message("msg_2", "d/1")
        await that.step("msg_2", "d/1")
      },
    })
    await world.retry("rate limited")
    expect(world.replays).toEqual([])
  })

  test("is left alone when the user has ended it at once", async () => {
    const world = await asked({
      onAbort: async (that) => {
        await that.message("msg_2", "d/1")
        const info = { sessionID: "ses_1", role: "assistant", parentID: "msg_2" }
        await that.event("message.updated", { info: { ...info, error: { name: "MessageAbortedError" } } })
        that.idle()
      },
    })
    await world.retry("rate limited")
    expect(world.replays).toEqual([])
  })

  test("under the same id is a turn of its own, sent by somebody else", async () => {
    const world = await asked({
      onAbort: async (that) => {
        that.idle()
        await that.message("msg_1", "d/1")
      },
    })
    await world.retry("rate limited")
    expect(world.replays).toEqual([])
    expect(world.turn()).toMatchObject({ own: { model: "d/1" }, phase: { is: "running" } })
  })

  test.each(["before the quiet is over", "a little later"])(
    "after an error is left alone: its run begins %s",
    async (begins) => {
      const world = await asked({ idleTimes: { quietMs: 0, missingMs: 10, takenUpMs: 60_000 } })
      const failed = world.event("session.error", { error: badKey })
      world.idle()
      world.idle()
      await world.message("msg_2", "d/1")
      if (begins === "a little later") await Bun.sleep(1)
      world.busy()
      await failed
      expect(world.replays).toEqual([])
    },
  )

  test.each<readonly [string, ModelKey, readonly string[]]>([
    ["on the fallback", own, ["msg_2 b/1"]],
    ["on the model that was picked for it", "d/1", ["msg_2 d/1"]],
  ])(
    "between an error and the end of its run joins that run, and is answered %s",
    async (_, model, replays) => {
      const world = await asked()
      const failed = world.event("session.error", { error: badKey })
      world.idle()
      await world.message("msg_2", model)
      world.idle()
      await failed
      expect(world.replays.map((replay) => `${replay.messageID} ${replay.model}`)).toEqual([...replays])
      expect(world.store.session("ses_1")?.lent).toBe(model === own ? "msg_2" : undefined)
      expect(ownFaults(world)).toEqual([])
    },
  )
})

describe("a prompt for another model that joins a run", () => {
  const begins = (world: World, parentID: string, model: ModelKey): Promise<void> => {
    const [providerID, modelID] = model.split("/")
    const info = { sessionID: "ses_1", role: "assistant", id: "msg_1a", parentID, providerID, modelID }
    return world.event("message.updated", { info })
  }

  async function joined(options: WorldOptions = {}): Promise<World> {
    const world = await asked(options)
    world.busy()
    await begins(world, "msg_1", own)
    await world.message("msg_2", "d/1")
    return world
  }

  test.each<readonly [string, (world: World) => Promise<void>, readonly string[]]>([
    ["while OpenCode asks again", (world) => world.retry("rate limited"), ["abort", "replay d/1"]],
    ["for good", (world) => world.fail("msg_1", own, badKey), ["replay d/1"]],
  ])("is answered on it when the run fails %s, and not blamed for that", async (_, fails, calls) => {
    const world = await joined()
    await fails(world)
    expect(world.calls).toEqual([...calls])
    expect(world.store.circuits().map(({ key }) => key)).toEqual([expect.stringMatching(/:a/)])
    expect(switches(world)).toEqual([])
    expect([...world.refused, ...ownFaults(world)]).toEqual([])
  })

  test("is left in it when the failure is OpenCode's to meet", async () => {
    const world = await joined()
    await world.retry("xyzzy")
    expect(world.calls).toEqual([])
    expect(world.turn()?.phase).toEqual({ is: "running" })
  })

  test.each([
    ["d/1", []],
    ["d/1", ["msg_3"]],
    [own, []],
  ] as const)(
    "of %s is not answered any more when the user ends it while the failure is judged, with %p",
    async (model, more) => {
      const world = await joined({
        failover: (failover) => ({
          ...failover,
          judge: async (...args) => {
            for (const id of ["msg_2", ...more]) await world.message(id, model)
            world.idle()
            return failover.judge(...args)
          },
        }),
      })
      await world.retry("rate limited")
      expect(world.calls).toEqual([])
    },
  )

  test.each<readonly [string, number, readonly string[]]>([
    ["waits for it as OpenCode does", 2_000, []],
    ["is answered before an hour is over", 3_600_000, ["abort", "replay d/1"]],
  ])("where nobody is to take the failed one's place %s", async (_, waitMs, calls) => {
    const world = await joined({ settings: {} })
    await world.retry("rate limited", waitMs)
    expect(world.calls).toEqual([...calls])
  })

  test("and that does not exist is what OpenCode has not found", async () => {
    const world = await joined()
    await world.fail("msg_2", "d/1", notFound("d/1."))
    expect(world.calls).toEqual(["replay b/1"])
    expect(world.turn()?.tried.map(({ model }) => model)).toEqual(["d/1"])
  })

  test("is met as any other once OpenCode has taken it up", async () => {
    const world = await joined()
    await begins(world, "msg_2", "d/1")
    await world.step("msg_2", "d/1")
    await world.retry("rate limited")
    expect(switches(world)).toEqual(["switched d/1 b/1"])
  })
})

test("a turn that a newer run takes up while its replay is awaited is met again when that fails", async () => {
  let runs = 0
  const world = await asked({
    onAbort: (that) => {
      that.idle()
      if ((runs += 1) === 1) that.busy()
    },
  })
  await world.retry("rate limited")
  expect(world.turn()?.phase).toEqual({ is: "running" })
  await world.retry("rate limited")
  expect(world.calls).toEqual(["abort", "abort", "replay b/1"])
  expect(world.refused).toEqual([])
})

test("a plugin that goes on with its todo list at each idle has each turn to itself: nothing of ours runs beside it", async () => {
  const world = await asked()
  const failed = world.event("session.error", { error: badKey })
  while (world.turn()?.phase.is !== "replaying") await Promise.resolve()
  const models: ModelKey[] = []
  for (const id of ["msg_2", "msg_3", "msg_4"]) {
    world.idle()
    models.push(await world.message(id, own, { isNamed: false }))
    world.busy()
    await world.step(id, "b/1")
  }
  await failed
  expect(models).toEqual(["b/1", "b/1", "b/1"])
  expect(world.calls).toEqual([])
  expect(world.turn()).toMatchObject({ messageID: "msg_4", own: { model: own } })
  expect(ownFaults(world)).toEqual([])
})

describe("at the end of the chain", () => {
  const alone = { agents: { build: { fallback_models: ["b/1"] } } }

  async function allFail(waitMs: number, more: WorldOptions = {}): Promise<World> {
    const world = await asked({
      settings: alone,
      onReplay: async ({ messageID, model }, that) => {
        await that.message(messageID, model, { isReplay: true })
      },
      ...more,
    })
    await world.retry("rate limited", waitMs)
    await world.step("msg_1", "b/1")
    await world.retry("rate limited", waitMs)
    return world
  }

  test("a short wait is OpenCode's own, and the toast names every model with its reason", async () => {
    const world = await allFail(2_000)
    expect(world.calls).toEqual(["abort", "replay b/1"])
    expect(world.toasts.at(-1)?.message).toBe(
      "a/own: rate limit reached. No other model is left: b/1 (already tried: rate limit reached). a/own is back first, in about a minute.",
    )
  })

  test("a long wait is ended on the user's own model, whose requests are refused with all reasons", async () => {
    const world = await allFail(3_600_000)
    expect(world.calls).toEqual(["abort", "replay b/1", "abort", "replay a/own"])
    const refusal = (await world.step("msg_1", own))?.replaceAll("\u2060", "")
    expect(refusal).toBe(
      "Error: No model is left for this turn. a/own: rate limit reached, back in about an hour; b/1: rate limit reached, back in about an hour.",
    )
    expect(await world.step("msg_1", own, "title")).toBeUndefined()
  })

  test("the next prompt is not refused any more", async () => {
    const world = await allFail(3_600_000)
    await world.message("msg_2", own)
    expect(await world.step("msg_2", own)).toBeUndefined()
  })

  test("a long wait is kept by when_exhausted wait, and told", async () => {
    const world = await allFail(3_600_000, {
      settings: { ...alone, runtime_fallback: { when_exhausted: "wait" } },
    })
    expect(world.calls).toEqual(["abort", "replay b/1"])
    expect(world.toasts.at(-1)?.message).toContain("Waiting about an hour for a/own.")
    expect(world.turn()).toMatchObject({ tried: [], walksAnew: true })
  })

  test.each([
    [40_000, ["abort", "replay b/1"]],
    [40_001, ["abort", "replay b/1", "abort", "replay a/own"]],
  ])("a wait is a long one when it is longer than any of OpenCode's own: %d ms", async (waitMs, calls) => {
    expect((await allFail(waitMs)).calls).toEqual(calls)
  })

  test("a run that is over by itself is over: it is told, and nothing is replayed", async () => {
    const world = await asked({ settings: { agents: { build: { fallback_models: ["z/9"] } } } })
    await world.fail("msg_1", own, badKey)
    expect(world.calls).toEqual([])
    expect(switches(world)).toEqual(["exhausted a/own"])
    expect(world.turn()?.phase).toEqual({ is: "ended" })
    expect(world.refused).toEqual([])
  })

  test("a prompt that has joined the run meanwhile is answered on its own model", async () => {
    const world = await asked({
      settings: {},
      onAbort: async (that) => {
        await that.message("msg_2", "d/1")
        that.idle()
      },
    })
    await world.retry("rate limited", 3_600_000)
    expect(world.replays.map(({ messageID, model }) => `${messageID} ${model}`)).toEqual(["msg_2 d/1"])
    await world.message("msg_2", "d/1", { isReplay: true })
    expect(await world.step("msg_2", "d/1")).toBeUndefined()
  })

  test("a long wait is ended where no chain was set, too", async () => {
    const world = await asked({ settings: {} })
    await world.retry("rate limited", 3_600_000)
    expect(world.calls).toEqual(["abort", "replay a/own"])
    expect(switches(world)).toEqual(["exhausted a/own"])
  })

  test("further failures of the turn are not judged again", async () => {
    const world = await allFail(2_000)
    await world.step("msg_1", "b/1")
    await world.retry("rate limited")
    await world.fail("msg_1", "b/1", badKey)
    expect(switches(world)).toEqual(["switched a/own b/1", "exhausted b/1"])
  })
})

/** The model has answered properly. */
const answer = (world: World, model: ModelKey): Promise<void> => {
  const [providerID, modelID] = model.split("/")
  const info = {
    sessionID: "ses_1",
    role: "assistant",
    parentID: "msg_1",
    providerID,
    modelID,
    id: "msg_9",
    finish: "stop",
  }
  return world.event("message.updated", { info })
}

describe("a refusal that comes from the switch", () => {
  const thinking = apiError(400, "messages.1.content.0: Invalid `signature` in `thinking` block")

  async function onFallback(options: WorldOptions = {}): Promise<World> {
    const world = await asked({
      ...options,
      onReplay: async ({ messageID, model }, that) => {
        await that.message(messageID, model, { isReplay: true })
        await that.step(messageID, model)
      },
    })
    await world.fail("msg_1", own, badKey)
    return world
  }

  test("leads to the next model and trips nothing", async () => {
    const world = await onFallback()
    await world.fail("msg_1", "b/1", thinking)
    expect(world.calls).toEqual(["replay b/1", "replay c/1"])
    expect(world.store.circuits().map(({ key }) => key)).toEqual(["provider:a"])
  })

  test("so does a prompt that is too long, where OpenCode is not to sum up", async () => {
    const world = await onFallback({ sumsUp: false })
    const message = "prompt is too long: 250000 tokens > 200000 maximum"
    await world.fail("msg_1", "b/1", { name: "ContextOverflowError", data: { message } })
    expect(world.calls).toEqual(["replay b/1", "replay c/1"])
  })

  test("ends with the chain when every model refuses", async () => {
    const world = await onFallback()
    await world.fail("msg_1", "b/1", thinking)
    await world.fail("msg_1", "c/1", thinking)
    expect(world.calls).toEqual(["replay b/1", "replay c/1"])
    expect(switches(world).at(-1)).toBe("exhausted c/1")
  })

  test("counts as any other refusal once the model has answered", async () => {
    const world = await onFallback()
    await answer(world, "b/1")
    await world.step("msg_1", "b/1")
    await world.fail("msg_1", "b/1", thinking)
    expect(world.calls).toEqual(["replay b/1"])
  })

  test("is none when the user's own model says it", async () => {
    const world = await asked()
    await world.fail("msg_1", own, thinking)
    expect(world.calls).toEqual([])
  })
})

describe("an answer", () => {
  test("closes the model's circuit, and the return of the user's own model is told once", async () => {
    const world = await asked()
    await world.retry("rate limited")
    world.pass(120_000)
    await world.message("msg_2", own)
    await world.step("msg_2", own)
    await answer(world, own)
    await answer(world, own)
    expect(world.store.circuits()).toEqual([])
    expect(world.toasts.filter(({ variant }) => variant === "success").map(({ message }) => message)).toEqual(
      ["a/own is back in use."],
    )
  })

  test("of a model that stands in heals it, and is no return", async () => {
    const world = await asked()
    world.change(switchTo({ model: "b/1" }, { kind: "overloaded" }))
    world.store.saveSession({ sessionID: "ses_1", own, inUse: "b/1", updatedAt: world.now() })
    await world.step("msg_1", "b/1")
    world.store.updateCircuit("model:b/1", () => ({
      ...heldCircuit("model:b/1", 0),
      held: undefined as never,
    }))
    await answer(world, "b/1")
    expect(world.store.circuits()).toEqual([])
    expect(switches(world)).toEqual([])
    expect(world.store.session("ses_1")?.inUse).toBe("b/1")
  })

  test("of a model that the turn has left heals nothing", async () => {
    const world = await asked()
    await world.failover.judge(world.turn() ?? fail(), { status: 503 }, undefined)
    world.change(switchTo({ model: "b/1" }, { kind: "overloaded" }))
    await world.step("msg_1", "b/1")
    await answer(world, own)
    expect(world.store.circuits()).toHaveLength(1)
  })

  test("of the own model tells of no return where nothing had stood in for it", async () => {
    const world = await asked()
    await answer(world, own)
    expect(switches(world)).toEqual([])
  })

  test("of nobody knows whom heals nothing", async () => {
    const world = await asked()
    await world.failover.judge(world.turn() ?? fail(), { status: 503 }, undefined)
    const info = { sessionID: "ses_1", role: "assistant", parentID: "msg_1", id: "msg_9", finish: "stop" }
    await world.event("message.updated", { info })
    expect(world.store.circuits()).toHaveLength(1)
    expect(ownFaults(world)).toEqual([])
  })

  test("that we made up in flight counts for nothing", async () => {
    const world = await asked()
    await world.failover.judge(world.turn() ?? fail(), { status: 503 }, undefined)
    world.change(markStep("decided"))
    await answer(world, own)
    expect(world.store.circuits()).toHaveLength(1)
  })

  const fail = (): never => {
    throw new Error("no turn")
  }
})

describe("an answer without an end", () => {
  const early = (world: World, id: string, finish = "unknown"): Promise<void> => {
    const info = { sessionID: "ses_1", role: "assistant", parentID: "msg_1", providerID: "a", modelID: "own" }
    return world.event("message.updated", { info: { ...info, id, finish } })
  }
  const calls = (world: World, id: string): Promise<void> =>
    world.event("message.part.updated", { part: { sessionID: "ses_1", messageID: id, type: "tool" } })

  test("is asked again by OpenCode without end: the third in a row is a failure", async () => {
    const world = await asked()
    await early(world, "msg_2")
    await early(world, "msg_2")
    await early(world, "msg_3")
    expect(world.calls).toEqual([])
    await early(world, "msg_4", "tool-calls")
    expect(world.calls).toEqual(["abort", "replay b/1"])
    expect(switches(world)).toEqual(["switched a/own b/1"])
  })

  test("is none where a tool was called, and a proper answer begins the count anew", async () => {
    const world = await asked()
    await early(world, "msg_2")
    await early(world, "msg_3")
    await calls(world, "msg_4")
    await early(world, "msg_4", "tool-calls")
    await early(world, "msg_5")
    await early(world, "msg_6")
    expect(world.calls).toEqual([])
  })

  test("is on purpose where the step was ended in flight", async () => {
    const world = await asked()
    world.change(markStep("decided"))
    for (const id of ["msg_2", "msg_3", "msg_4", "msg_5"]) await early(world, id, "tool-calls")
    expect(world.calls).toEqual([])
  })

  test("was passed on in flight: what is the matter with it is known there", async () => {
    const world = await asked()
    world.change(markStep("answered"))
    for (const id of ["msg_2", "msg_3", "msg_4", "msg_5"]) await early(world, id, "tool-calls")
    expect(world.calls).toEqual([])
  })

  test("ends the turn where nobody is left", async () => {
    const world = await asked({
      settings: { agents: { build: { fallback_models: ["z/9"] } } },
      onReplay: async ({ messageID, model }, that) =>
        void (await that.message(messageID, model, { isReplay: true })),
    })
    for (const id of ["msg_2", "msg_3", "msg_4"]) await early(world, id)
    expect(world.calls).toEqual(["abort", "replay a/own"])
    expect(await world.step("msg_1", own)).toContain("No model is left for this turn.")
  })
})

describe("our own faults", () => {
  test("an abort that OpenCode refuses is logged, and nothing is replayed", async () => {
    const world = await asked({ onAbort: () => Promise.reject(new Error("no such session")) })
    await world.retry("rate limited")
    expect(world.replays).toEqual([])
    expect(world.logs.join("\n")).toContain("no such session")
    expect(world.turn()?.phase).toEqual({ is: "ended" })
  })

  test("a replay that OpenCode refuses is logged, and no switch is told", async () => {
    const world = await asked({ onReplay: () => Promise.reject(new Error("bad request")) })
    await world.retry("rate limited")
    expect(world.logs.join("\n")).toContain("bad request")
    expect(world.toasts).toEqual([])
    expect(world.turn()?.phase).toEqual({ is: "ended" })
  })
})

describe("whatever fails, and however it is told,", () => {
  const failures = fc.array(
    fc.record({
      how: fc.constantFrom("retry" as const, "error" as const),
      error: fc.constantFrom(badKey, apiError(503, "unavailable"), apiError(429, "rate limit")),
      again: fc.boolean(),
    }),
    { maxLength: 8 },
  )
  const models: readonly ModelKey[] = ["a/own", "b/1", "c/1", "d/1"]

  test("a turn comes to each model at most once and never makes more switches than allowed", async () => {
    await fc.assert(
      fc.asyncProperty(failures, fc.subarray([...models], { minLength: 1 }), async (list, fallbacks) => {
        const visited: ModelKey[] = [own]
        const world = await asked({
          settings: { ...usual, fallback_models: [], agents: { build: { fallback_models: fallbacks } } },
          catalog: catalogWith(...models),
          onReplay: async ({ messageID, model }, that) => {
            await that.message(messageID, model, { isReplay: true })
            if ((await that.step(messageID, model)) === undefined) visited.push(model)
          },
        })
        for (const { how, error, again } of list) {
          const inUse = world.turn()?.inUse.model ?? own
          await (how === "retry" ? world.retry(error.data.message) : world.fail("msg_1", inUse, error))
          if (again) await world.fail("msg_1", inUse, error)
        }
        expect(new Set(visited).size).toBe(visited.length)
        expect(visited.length).toBeLessThanOrEqual(4)
      }),
      { numRuns: 60 },
    )
  }, 30_000)
})
