import { describe, expect, test } from "bun:test"
import type { StepRequest } from "../../../../../src/opencode/v1/in-flight/in-flight.ts"
import { makeWorld, type World, type WorldOptions } from "../world.ts"
import { type Answer, failed, ownFaults, textOf, whole } from "./step.ts"

async function begun(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", "a/own")
  return world
}

/** The title's request to this model, which meets this answer. */
async function ask(world: World, model: StepRequest["model"], answer: Answer, signal?: AbortSignal) {
  let sent = 0
  const body = JSON.stringify({ stream: true, messages: [] })
  const response = await world
    .titleInFlight({
      sessionID: "ses_1",
      messageID: "msg_1",
      model,
      isStructured: false,
      input: "http://provider/v1/chat/completions",
      init: { method: "POST", body, ...(signal && { signal }) },
      send: async () => {
        sent += 1
        if (answer instanceof Response) return answer
        throw answer
      },
    })
    .catch((error: unknown) => new Response(String(error), { status: 599 }))
  return { sent, status: response.status, text: await textOf(response) }
}

const question = "Generate a title for this conversation:\n\nwhat is a plum?"
const limited = (): Response => failed(429, "rate limited", { "retry-after": "3600" })
const titled: WorldOptions = { askInChild: async () => ({ type: "answered", text: "All about plums" }) }
const off: WorldOptions = { settings: { runtime_fallback: { enabled: false }, fallback_models: ["b/1"] } }

/** The own model is known to be down, and the turn is on its stand-in. */
async function down(options: WorldOptions = {}): Promise<World> {
  const world = await begun(options)
  const turn = world.turn()
  if (turn) await world.failover.judge(turn, { provider: "a", status: 429 }, undefined)
  return world
}

describe("the request for a title", () => {
  test("that is answered is passed on as it is", async () => {
    const world = await begun()
    const { text, sent } = await ask(world, "a/small", whole("Plums"))
    expect([text.includes("Plums"), sent, world.calls]).toEqual([true, 1, []])
  })

  test.each<[string, StepRequest["model"], () => Answer, string]>([
    ["that a small model refuses", "a/small", limited, "a/own"],
    ["that the own model refuses", "a/own", limited, "b/1"],
    ["that reaches nobody", "a/own", () => new TypeError("fetch failed"), "b/1"],
  ])("%s is answered by the next one in a child session", async (_, model, answer, next) => {
    const world = await begun(titled)
    const { text, sent } = await ask(world, model, answer())
    expect([text.includes("All about plums"), sent]).toEqual([true, 1])
    expect(world.calls).toEqual([`ask on ${next}: ${question}`])
  })

  test("is not sent to a model that is known to be down, and goes past it where a small one fails", async () => {
    const world = await down(titled)
    expect(await ask(world, "a/own", limited())).toMatchObject({ sent: 0, status: 200 })
    expect(await ask(world, "a/small", limited())).toMatchObject({ sent: 1, status: 200 })
    expect(world.calls).toEqual([`ask on b/1: ${question}`, `ask on b/1: ${question}`])
  })

  test("tells nothing of a model's health, and is told to nobody", async () => {
    const world = await begun(titled)
    const before = world.turn()
    await ask(world, "a/own", failed(401, "invalid api key"))
    expect([world.turn(), world.store.circuits(), world.toasts]).toEqual([before, [], []])
  })

  test("has its child walk the session's own chain", async () => {
    let world: World | undefined
    const chains: unknown[] = []
    world = await begun({
      askInChild: async ({ agent, onChild }) => {
        onChild("ses_2")
        chains.push(agent, world?.sessions.get("ses_2"))
        return { type: "answered", text: "Plums" }
      },
    })
    await ask(world, "a/own", limited())
    expect(chains).toEqual(["title", expect.objectContaining({ parentID: "ses_1" })])
    expect(world.sessions.get("ses_2").chain).toMatchObject([{ model: "b/1" }, { model: "c/1" }])
  })

  test.each<[string, WorldOptions, readonly string[]]>([
    ["the child has no answer", { askInChild: async () => ({ type: "failed", message: "down" }) }, ["ask"]],
    ["the process is over with its turn", { ...titled, isBrief: true }, []],
  ])("gets the prompt itself where %s", async (_, options, calls) => {
    const world = await begun(options)
    const { text, status } = await ask(world, "a/own", limited())
    expect([status, text.includes("what is a plum?")]).toEqual([200, true])
    expect(world.calls.map((call) => call.split(" ")[0] ?? "")).toEqual([...calls])
  })

  test.each<[string, WorldOptions, Response]>([
    ["nobody else is there", { ...titled, settings: {} }, limited()],
    ["all switching is off", { ...titled, ...off }, limited()],
    ["the failure is no reason", titled, failed(400, "no such parameter")],
    ["the prompt has no words", { ...titled, promptText: " " }, limited()],
  ])("is left to OpenCode where %s", async (_, options, failure) => {
    const world = await begun(options)
    expect(await ask(world, "a/own", failure)).toMatchObject({ sent: 1, status: failure.status })
    expect([world.calls, ownFaults(world)]).toEqual([[], []])
  })

  test("is left to OpenCode where it was aborted", async () => {
    const world = await begun(titled)
    await ask(world, "a/own", limited(), AbortSignal.abort())
    expect(world.calls).toEqual([])
  })

  test("that we fail at ourselves fails as without us", async () => {
    const world = await begun({ askInChild: () => Promise.reject(new Error("a fault")) })
    expect(await ask(world, "a/own", limited())).toMatchObject({ status: 429 })
    expect(ownFaults(world)).toHaveLength(1)
  })
})
