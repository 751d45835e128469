import { describe, expect, test } from "bun:test"
import { leaveFor } from "../../../../src/turn/transitions.ts"
import { makeWorld, type World } from "../../failover/world.ts"

/** A turn that has left its own model. */
async function lent(): Promise<World> {
  const world = makeWorld()
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  world.change(leaveFor({ model: "b/1" }, {}))
  return world
}

const toolRan = (world: World, sessionID = "ses_1"): Promise<void> =>
  world.hooks["tool.execute.after"](
    { tool: "bash", sessionID, callID: "call_1", args: {} },
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
  expect(world.calls).toEqual(["pause 0", "lend b/1"])
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
  world.change(leaveFor({ model: "b/1" }, {}))
  await world.event("permission.asked", { id: "two" })
  await world.event("permission.replied", { requestID: "two" })
  await toolRan(world)
  expect(world.calls).toContain("lend b/1")
})
