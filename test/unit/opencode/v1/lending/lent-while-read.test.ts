import { describe, expect, test } from "bun:test"
import { abort, switchTo } from "../../../../../src/turn/transitions.ts"
import type { Turn } from "../../../../../src/turn/turn.ts"
import { begun, failed, own, step } from "../in-flight/step.ts"
import { makeWorld, type World, type WorldOptions } from "../world.ts"

/** A turn that has left its own model. */
async function lent(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  world.change(switchTo({ model: "b/1" }, {}))
  return world
}

const toolBegins = (world: World, tool: string, callID = "call_1"): Promise<void> =>
  world.hooks["tool.execute.before"]({ tool, sessionID: "ses_1", callID }, { args: {} })

const toolRan = (world: World, sessionID = "ses_1", callID = "call_1"): Promise<void> =>
  world.hooks["tool.execute.after"](
    { tool: "bash", sessionID, callID, args: {} },
    { title: "", output: "", metadata: {} },
  )

describe.each([
  ["permission.asked", "permission.replied"],
  ["question.asked", "question.replied"],
  ["question.asked", "question.rejected"],
])("from %s to %s", (asked, answered) => {
  test("the message is the user's own, and lent again before the loop goes on", async () => {
    const world = await lent()
    await world.event(asked, { id: "one" })
    expect(world.givenBack).toEqual(["msg_1"])
    await toolRan(world)
    expect(world.calls).toEqual([])
    await world.event(answered, { requestID: "one" })
    await toolRan(world)
    expect(world.calls).toEqual(["pause 150", "lend b/1"])
    await toolRan(world)
    expect(world.calls).toHaveLength(2)
  })
})

test("where a tool takes its time nobody waits for the terminal as well", async () => {
  const world = await lent()
  await world.event("permission.asked", { id: "one" })
  await world.event("permission.replied", { requestID: "one" })
  world.pass(5_000)
  await toolRan(world)
  expect(world.calls).toEqual(["lend b/1"])
})

test("with several requests open it is lent again after the last one", async () => {
  const world = await lent()
  for (const id of ["one", "two"]) await world.event("permission.asked", { id })
  await world.event("permission.replied", { requestID: "two" })
  await toolRan(world)
  expect(world.calls).toEqual([])
  await world.event("permission.replied", { requestID: "one" })
  await toolRan(world)
  expect(world.calls).toContain("lend b/1")
})

test("a subagent's request concerns the session at the top", async () => {
  const world = await lent()
  world.sessions.patch("ses_child", { parentID: "ses_1" })
  await world.event("permission.asked", { id: "one", sessionID: "ses_child" })
  expect(world.givenBack).toEqual(["msg_1"])
  await world.event("permission.replied", { requestID: "one", sessionID: "ses_child" })
  await toolRan(world, "ses_child")
  expect(world.calls).toEqual([])
  await toolRan(world)
  expect(world.calls).toContain("lend b/1")
})

test("a turn on its own model is left alone", async () => {
  const world = makeWorld()
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  await world.event("permission.asked", { id: "one" })
  await world.event("permission.replied", { requestID: "one" })
  await toolRan(world)
  expect([world.givenBack, world.calls]).toEqual([[], []])
})

test.each([
  ["a request that Esc has taken away is not waited for in the next turn", "session.status"],
  ["nor one of a session that was deleted", "session.deleted"],
])("%s", async (_, type) => {
  const world = await lent()
  await world.event("permission.asked", { id: "one" })
  await world.event(type, { status: { type: "idle" }, info: { id: "ses_1" } })
  await world.message("msg_2", "a/own")
  await world.step("msg_2", "a/own")
  world.change(switchTo({ model: "b/1" }, {}))
  await world.event("permission.asked", { id: "two" })
  await world.event("permission.replied", { requestID: "two" })
  await toolRan(world)
  expect(world.calls).toContain("lend b/1")
})

const usual = { isStructured: false }

const turnOf = (world: World): Turn => {
  const turn = world.turn()
  if (!turn) throw new Error("no turn")
  return turn
}

describe("while a step is answered", () => {
  test("the message is the user's own, and lent again before its end", async () => {
    const world = await lent()
    world.loopReads.hasRead(turnOf(world), usual)
    expect(world.givenBack).toEqual(["msg_1"])
    await toolRan(world)
    expect(world.calls).toEqual([])
    await world.loopReads.willRead(turnOf(world))
    expect(world.calls).toEqual(["lend b/1"])
  })

  test("of a structured one it is lent as soon as a tool has run: only that tells that the turn goes on", async () => {
    const world = await lent()
    world.loopReads.hasRead(turnOf(world), { isStructured: true })
    const part = { type: "tool", sessionID: "ses_1", messageID: "msg_2", state: { status: "pending" } }
    await world.event("message.part.updated", { part })
    expect([world.givenBack, world.calls]).toEqual([["msg_1"], []])
    await toolRan(world)
    expect(world.calls).toEqual(["lend b/1"])
  })

  test("it stays lent from there on", async () => {
    const world = await lent()
    world.loopReads.hasRead(turnOf(world), usual)
    await world.loopReads.willRead(turnOf(world))
    await toolRan(world)
    expect([world.givenBack, world.calls]).toEqual([["msg_1"], ["lend b/1"]])
  })

  test("a turn on its own model is left alone", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    await world.step("msg_1", "a/own")
    world.loopReads.hasRead(turnOf(world), usual)
    await world.loopReads.willRead(turnOf(world))
    expect([world.givenBack, world.calls]).toEqual([[], []])
  })

  test("a prompt that is queued is the user's own as well, and lent in its place", async () => {
    const failing = failed(429, "no", { "retry-after": "300" })
    const world = await begun()
    await step(world, own, [failing])
    world.loopReads.hasRead(turnOf(world), usual)
    expect(await world.message("msg_2", own)).toBe(own)
    expect(world.kept.at(-1)).toBe("msg_2 of a/own on a/own")
    await world.loopReads.willRead(turnOf(world))
    expect(world.calls).toEqual(["lend b/1 high", "lend b/1"])
    expect(await world.message("msg_3", own)).toBe("b/1")
  })

  test("one that Esc has ended is not lent again", async () => {
    const world = await lent()
    world.loopReads.hasRead(turnOf(world), usual)
    const before = turnOf(world)
    world.change(abort)
    await world.loopReads.willRead(before)
    expect(world.calls).toEqual([])
  })

  test("that it could not be given back costs a line in the log", async () => {
    const world = await lent({ givesBack: Promise.reject(new Error("no")) })
    world.loopReads.hasRead(turnOf(world), usual)
    await world.loopReads.willRead(turnOf(world))
    expect(world.calls).toEqual(["lend b/1"])
    expect(world.logs.join()).toContain("Error: no")
  })
})

describe("while a tool runs", () => {
  test.each(["bash", "task", "delegate_task"])(
    "that takes long, %s, the message is the user's own",
    async (tool) => {
      const world = await lent()
      await toolBegins(world, tool)
      expect(world.givenBack).toEqual(["msg_1"])
      await world.loopReads.willRead(turnOf(world))
      expect(world.calls).toEqual([])
      await toolRan(world)
      expect(world.calls).toEqual(["lend b/1"])
    },
  )

  test("the last of several lends it again", async () => {
    const world = await lent()
    await toolBegins(world, "bash")
    await toolBegins(world, "task", "call_2")
    await toolRan(world)
    expect(world.calls).toEqual([])
    await toolRan(world, "ses_1", "call_2")
    expect(world.calls).toEqual(["lend b/1"])
  })

  test("one that fails lends it again as well", async () => {
    const world = await lent()
    await toolBegins(world, "bash")
    const state = { status: "error", error: "too much" }
    const part = {
      id: "prt_1",
      type: "tool",
      sessionID: "ses_1",
      messageID: "msg_2",
      callID: "call_1",
      state,
    }
    await world.event("message.part.updated", { part })
    expect(world.calls).toEqual(["lend b/1"])
  })

  test("any other leaves it lent: where it fails, nothing makes the loop wait", async () => {
    const world = await lent()
    await toolBegins(world, "read")
    expect(world.givenBack).toEqual([])
  })
})
