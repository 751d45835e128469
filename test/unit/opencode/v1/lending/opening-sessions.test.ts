import { describe, expect, test } from "bun:test"
import { heldCircuit } from "../../../../../src/core/circuit.ts"
import { begun, failed, own, step, whole } from "../in-flight/step.ts"
import { apiError, makeWorld, type World, type WorldOptions } from "../world.ts"

const inTerminal: WorldOptions = { hasTerminal: true }

/** The session's first message comes in while its own model is known to be down. */
async function first(options: WorldOptions): Promise<World> {
  const world = makeWorld(options)
  world.store.updateCircuit(`model:${own}`, () => heldCircuit(`model:${own}`, 0))
  await world.message("msg_1", own)
  return world
}

describe("in the terminal a session's first message", () => {
  test("stays the user's own on a model that is known to be down, which is not asked", async () => {
    const world = await first(inTerminal)
    expect(world.kept).toEqual([`msg_1 of ${own} on ${own}`])
    world.pass(120)
    expect((await step(world, own, [whole("never asked")])).sent).toEqual([])
    expect(world.calls).toEqual(["pause 380", "lend b/1"])
    expect((await step(world, "b/1", [whole("hi")])).sent).toEqual(["b/1"])
    expect(world.toasts).toHaveLength(1)
  })

  test("is not lent before its prompt box is there, and waits no more after that", async () => {
    const world = await begun(inTerminal)
    await step(world, own, [failed(503)])
    expect(world.calls).toEqual(["pause 500", "lend b/1 high"])
    await step(world, "b/1", [failed(503)])
    expect(world.calls.slice(2)).toEqual(["lend c/1 high"])
  })

  test("is not replayed before that either", async () => {
    const world = await begun(inTerminal)
    await world.step("msg_1", own)
    await world.fail("msg_1", own, apiError(402, "Insufficient credits"))
    expect(world.calls).toEqual(["pause 500", "replay b/1"])
  })

  test("waits no longer where the clock is put back meanwhile", async () => {
    const world = await begun(inTerminal)
    world.pass(-60_000)
    await step(world, own, [failed(503)])
    expect(world.calls).toEqual(["pause 500", "lend b/1 high"])
  })

  test("waits for nothing where the model took its time to fail", async () => {
    const world = await begun(inTerminal)
    world.pass(500)
    await step(world, own, [failed(503)])
    expect(world.calls).toEqual(["lend b/1 high"])
  })
})

test.each<[string, WorldOptions]>([
  ["where no terminal runs in the process", {}],
  ["where its steps may not be caught", { ...inTerminal, mayMark: false }],
])("%s a first message goes straight to the fallback", async (_, options) => {
  expect((await first(options)).kept).toEqual([`msg_1 of ${own} on b/1`])
})

test("a subagent's first message goes straight to the fallback: it has no prompt box", async () => {
  const world = makeWorld(inTerminal)
  world.store.updateCircuit(`model:${own}`, () => heldCircuit(`model:${own}`, 0))
  await world.event("session.created", { info: { id: "ses_1", parentID: "ses_0" } })
  expect(await world.message("msg_1", own)).toBe("b/1")
})

test("a later message goes straight to the fallback: the prompt box is there", async () => {
  const world = await begun(inTerminal)
  world.idle()
  world.store.updateCircuit(`model:${own}`, () => heldCircuit(`model:${own}`, 0))
  world.pass(1_000)
  expect(await world.message("msg_2", own)).toBe("b/1")
})
