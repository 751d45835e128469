import { describe, expect, test } from "bun:test"
import type { StepRequest } from "../../../../../src/opencode/v1/in-flight/flight.ts"
import { makeWorld, type World, type WorldOptions } from "../world.ts"
import { alone, type Answer, delta, failed, finish, ok, ownFaults, textOf, whole } from "./step.ts"

async function begun(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", "a/own")
  return world
}

/** The title's request to this model, which meets this answer. */
async function ask(
  world: World,
  model: StepRequest["model"],
  answer: Answer | Promise<Response>,
  signal?: AbortSignal,
) {
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
        const given = await answer
        if (given instanceof Response) return given
        throw given
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

  test("says that a small model is down, which is asked for no other title until it may be well, and tells nobody", async () => {
    const world = await begun(titled)
    const before = world.turn()
    await ask(world, "a/small", limited())
    expect((await ask(world, "a/small", whole("never asked"))).sent).toBe(0)
    expect(world.calls).toEqual([`ask on a/own: ${question}`, `ask on a/own: ${question}`])
    world.pass(3_600_000)
    expect((await ask(world, "a/small", whole("Plums"))).sent).toBe(1)
    expect([world.turn(), world.toasts]).toEqual([before, []])
  })

  test.each<[string, StepRequest["model"], Response, readonly string[]]>([
    [
      "of a provider whose key it may not use a small model with",
      "a/small",
      failed(401, "invalid api key"),
      ["model:a/small"],
    ],
    ["of the turn's own model, which may take one request at a time", "a/own", limited(), []],
    ["of a model to which a request was wrong", "a/small", failed(400, "no such parameter"), []],
  ])("says nothing %s", async (_, model, answer, circuits) => {
    const world = await begun(titled)
    await ask(world, model, answer)
    expect(world.store.circuits().map(({ key }) => key)).toEqual([...circuits] as never)
  })

  test("takes no probe of its model, and ends none: not even where nobody else can write it", async () => {
    const world = await begun({ ...titled, settings: {} })
    const record = { failures: 1, kind: "overloaded", failedAt: 0, until: 1 } as const
    world.store.updateCircuit("model:a/own", () => ({ key: "model:a/own", ...record }))
    const state = () => world.failover.whyUnasked("a/own")?.why
    expect([(await ask(world, "a/own", whole("Plums"))).sent, state()]).toEqual([1, undefined])
    world.failover.tryProbe({ sessionID: "ses_1", model: "a/own" })
    expect([(await ask(world, "a/own", whole("Plums"))).sent, state()]).toEqual([1, "being-probed"])
  })

  test("of a model that another session is just probing is somebody else's to answer", async () => {
    const world = await begun(titled)
    const record = { failures: 1, kind: "overloaded", failedAt: 0, until: 1 } as const
    world.store.updateCircuit("model:a/small", () => ({ key: "model:a/small", ...record }))
    world.failover.tryProbe({ sessionID: "other", model: "a/small" })
    expect((await ask(world, "a/small", whole("never asked"))).sent).toBe(0)
    expect(world.calls).toEqual([`ask on a/own: ${question}`])
    expect(world.failover.whyUnasked("a/small")?.why).toBe("being-probed")
  })

  test.each<[string, () => Response]>([
    [
      "with an error",
      () => ok(JSON.stringify({ error: { message: "overloaded", type: "overloaded_error" } })),
    ],
    [
      "with an error in its middle",
      () => ok(delta("All ab"), JSON.stringify({ error: { message: "overloaded" } })),
    ],
    ["half", () => ok(delta("All ab"))],
    ["with nothing", () => ok(finish("stop"), "[DONE]")],
  ])("that ends %s is answered by the next one", async (_, answer) => {
    const world = await begun(titled)
    const { status, text } = await ask(world, "a/small", answer())
    expect([status, text.includes("All about plums"), text.includes('All ab"')]).toEqual([200, true, false])
    expect(world.store.circuits()).toMatchObject([{ key: "model:a/small", failures: 1 }])
  })

  const impatient = { first_token_timeout_seconds: 0.01 }

  test("that is silent for longer than the settings allow is answered by the next one", async () => {
    const world = await begun({ ...titled, settings: { ...alone.settings, runtime_fallback: impatient } })
    expect((await ask(world, "a/own", new Promise(() => undefined))).text).toContain("All about plums")
  })

  test("that pauses behind its first word is read to its end", async () => {
    const chunks = [delta("All ab"), delta("out pears"), finish("stop")]
    const pausing = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const chunk = chunks.shift()
        if (chunk === undefined) return controller.close()
        if (chunks.length === 1) await Bun.sleep(30)
        controller.enqueue(await ok(chunk).bytes())
      },
    })
    const world = await begun({ ...titled, settings: { ...alone.settings, runtime_fallback: impatient } })
    const answer = new Response(pausing, { headers: { "content-type": "text/event-stream" } })
    expect((await ask(world, "a/own", answer)).text).toContain("out pears")
  })

  test("that is silent is waited for where nobody else is there, and judged once", async () => {
    const { promise, resolve } = Promise.withResolvers<Response>()
    let judged = 0
    // Its headers come once the silence is judged, its text later still.
    const late = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await Bun.sleep(30)
        controller.enqueue(await whole("at last").bytes())
        controller.close()
      },
    })
    const world = await begun({
      ...titled,
      settings: { runtime_fallback: impatient },
      failover: (failover) => ({
        ...failover,
        judgeTitle: (...about) => {
          judged += 1
          resolve(new Response(late, { headers: { "content-type": "text/event-stream" } }))
          return failover.judgeTitle(...about)
        },
      }),
    })
    expect((await ask(world, "a/own", promise)).text).toContain("at last")
    expect(judged).toBe(1)
  })

  test("that fails for what is no reason to switch says nothing of its model", async () => {
    const runtime_fallback = { fallback_on: ["rate_limit" as const] }
    const world = await begun({ ...titled, settings: { ...alone.settings, runtime_fallback } })
    expect((await ask(world, "a/small", failed(500))).status).toBe(500)
    expect(world.store.circuits()).toEqual([])
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
    const unwell = await down(titled)
    const before = [...unwell.calls]
    expect(await ask(unwell, "a/own", limited(), AbortSignal.abort())).toMatchObject({ sent: 1 })
    expect(unwell.calls).toEqual(before)
  })

  test("of a session that is deleted meanwhile fails as without us", async () => {
    const world = await begun(titled)
    const answer = Promise.resolve().then(() => {
      world.sessions.forget("ses_1")
      return limited()
    })
    expect(await ask(world, "a/own", answer)).toMatchObject({ status: 429 })
    expect([world.calls, ownFaults(world)]).toEqual([[], []])
  })

  test("that we fail at ourselves fails as without us", async () => {
    const world = await begun({ askInChild: () => Promise.reject(new Error("a fault")) })
    expect(await ask(world, "a/own", limited())).toMatchObject({ status: 429 })
    expect(ownFaults(world)).toHaveLength(1)
  })
})
