import { describe, expect, spyOn, test } from "bun:test"
import type { SettingsInput } from "../../../../../src/config/schema.ts"
import { type CircuitRecord, heldCircuit } from "../../../../../src/core/circuit.ts"
import type { Failover } from "../../../../../src/failover/failover.ts"
import type { StepRequest } from "../../../../../src/opencode/v1/in-flight/flight.ts"
import { switchTo } from "../../../../../src/turn/transitions.ts"
import { apiError, makeWorld, usual, type World, type WorldOptions } from "../world.ts"
import {
  alone,
  begun,
  call,
  delta,
  failed,
  finish,
  init,
  isEnded,
  ok,
  own,
  ownFaults,
  request,
  reset,
  step,
  whole,
} from "./step.ts"

describe("a request that is not ours to handle is sent as it is", () => {
  const rows: readonly (readonly [string, (world: World) => void, Partial<StepRequest>])[] = [
    ["of a protocol that nobody knows", () => undefined, { input: "http://provider/v1/embeddings" }],
    ["of a session that is not known", () => undefined, { sessionID: "ses_9" }],
    ["of a session in which we are off", (world) => world.sessions.patch("ses_1", { off: true }), {}],
  ]
  test.each(rows)("%s", async (_, prepare, more) => {
    const world = await begun()
    prepare(world)
    const answer = failed(503)
    const sent: unknown[] = []
    const response = await request(world, own, {
      send: (...args) => {
        sent.push(args)
        return Promise.resolve(answer)
      },
      ...more,
    })
    expect(response).toBe(answer)
    expect(sent).toEqual([[more.input ?? "http://provider/v1/chat/completions", init]])
    expect(world.turn()?.inUse.step).toBeUndefined()
  })
})

describe("while a request is under way", () => {
  test("its failure is not for the reactive way", async () => {
    const world = await begun()
    await step(world, own, [], {
      send: async () => {
        await world.retry("rate limited")
        return whole("hi")
      },
    })
    expect(world.calls).toEqual([])
  })

  test("what becomes of its connection once the answer is passed on is for the reactive way", async () => {
    const world = await begun()
    await step(world, own, [ok(call, finish("tool_calls"), "[DONE]")])
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "replay b/1"])
  })

  test("a request of a model that the turn has left changes nothing of the one in use", async () => {
    const world = await begun()
    await step(world, own, [failed(503)])
    await world.step("msg_1", "b/1")
    await request(world, own, { sessionID: "ses_1", messageID: "msg_0", send: async () => whole("late") })
    expect(world.turn()?.inUse).toMatchObject({ model: "b/1", step: "announced" })
  })
})

describe("a request that is repeated", () => {
  test("closes the connection of the first one", async () => {
    const world = await begun()
    expect((await step(world, own, [reset(), whole("hi")])).closed).toEqual([true, false])
  })

  test("is none where its body can be sent only once", async () => {
    const world = await begun()
    const input = new Request("http://provider/v1/chat/completions", { method: "POST", body: init.body })
    const result = await step(world, own, [reset(), whole("never asked")], { input })
    expect(result.sent).toEqual([own])
    expect(world.calls).toEqual(["lend b/1 high"])
  })

  test("is none once the user has pressed Esc", async () => {
    const abort = new AbortController()
    const world = await begun({ onPause: () => abort.abort() })
    const result = await step(world, own, [reset()], { init: { ...init, signal: abort.signal } })
    expect(result.sent).toEqual([own])
    expect(result).toMatchObject({ error: { message: "reset" } })
    expect(world.turn()?.inUse.model).toBe(own)
  })
})

describe("the connection of a request", () => {
  test.each([
    ["that another model takes over", {}, failed(429)],
    ["after which the turn is refused", alone, failed(401)],
  ])("%s is closed", async (_, options, answer) => {
    const world = await begun(options)
    if (options === alone) await step(world, own, [failed(401)])
    const result = await step(world, options === alone ? "b/1" : own, [answer])
    expect(result.closed).toEqual([true])
  })

  test("is closed when its answer is ended in the middle", async () => {
    const world = await begun()
    const error = JSON.stringify({ error: { message: "overloaded" } })
    expect((await step(world, own, [ok(delta("Half "), error)])).closed).toEqual([true])
  })

  test("stays open while an answer is passed on", async () => {
    const world = await begun()
    expect((await step(world, own, [whole("hi")])).closed).toEqual([false])
  })
})

describe("the answer of a model", () => {
  test("heals its circuit and ends its probe", async () => {
    const world = await begun()
    await step(world, own, [failed(503)])
    world.pass(61_000)
    await world.message("msg_1", own)
    await step(world, own, [whole("hi")])
    expect(world.store.circuits()).toEqual([])
  })

  test("is nobody's news when the session was deleted meanwhile", async () => {
    const world = await begun()
    const response = await request(world, own, { send: async () => whole("hi") })
    world.sessions.forget("ses_1")
    expect(await response.text()).toContain("hi")
    expect(ownFaults(world)).toEqual([])
  })

  test("of the own model tells of no return where nothing had stood in for it", async () => {
    const world = await begun()
    await step(world, own, [whole("hi")])
    expect(world.store.journal({ limit: 9 })).toEqual([])
  })

  test("a call of a tool in a deleted session is passed on", async () => {
    const world = await begun()
    const response = await request(world, own, {
      send: async () => ok(call, finish("tool_calls"), "[DONE]"),
    })
    world.sessions.forget("ses_1")
    expect(isEnded({ text: await response.text() })).toBe(true)
    expect(ownFaults(world)).toEqual([])
  })
})

describe("Esc in the middle of an answer", () => {
  test("is no failure of the model: the turn stays where it is", async () => {
    const abort = new AbortController()
    const world = await begun()
    const broken = new ReadableStream({
      pull: (controller) => {
        abort.abort()
        controller.error(new Error("aborted"))
      },
    })
    const headers = { "content-type": "text/event-stream" }
    const result = await step(world, own, [new Response(broken, { headers })], {
      init: { ...init, signal: abort.signal },
    })
    expect(result).toMatchObject({ text: "broken: Error: aborted" })
    expect(world.calls).toEqual([])
    expect(world.store.circuits()).toEqual([])
  })

  test("does not end it well, though a tool call was shown", async () => {
    const abort = new AbortController()
    const world = await begun()
    const frames = [`data: ${call}\n\n`]
    const broken = new ReadableStream({
      pull: (controller) => {
        const frame = frames.shift()
        if (frame !== undefined) return controller.enqueue(new TextEncoder().encode(frame))
        abort.abort()
        controller.error(new Error("aborted"))
      },
    })
    const headers = { "content-type": "text/event-stream" }
    const result = await step(world, own, [new Response(broken, { headers })], {
      init: { ...init, signal: abort.signal },
    })
    expect(result).toMatchObject({ text: "broken: Error: aborted" })
  })
})

describe("what happens while a request is under way decides what its failure means:", () => {
  const meanwhile = (happens: (world: World) => void, answer: () => Response) => async (world: World) =>
    step(world, own, [], {
      send: async () => {
        happens(world)
        return answer()
      },
    })

  test.each([
    ["the session is deleted", (world: World) => world.sessions.forget("ses_1")],
    ["the user ends the turn", (world: World) => world.turns.aborted("ses_1", "msg_1")],
  ])("%s: it is OpenCode's", async (_, happens) => {
    const world = await begun()
    expect(await meanwhile(happens, () => failed(429))(world)).toMatchObject({ status: 429 })
    expect([...world.calls, ...ownFaults(world)]).toEqual([])
    expect(world.store.circuits()).toEqual([])
  })

  test("the request is aborted: it says nothing of the model", async () => {
    const abort = new AbortController()
    const world = await begun()
    const result = await step(world, own, [], {
      init: { ...init, signal: abort.signal },
      send: async () => {
        abort.abort()
        return failed(429)
      },
    })
    expect(result).toMatchObject({ status: 429 })
    expect(world.store.circuits()).toEqual([])
  })

  const leaves = (world: World): void => world.change(switchTo({ model: "b/1" }, { kind: "overloaded" }))

  test("the turn leaves the model: the step ends, nothing is lent, and the model's health is kept", async () => {
    const world = await begun()
    expect(isEnded(await meanwhile(leaves, () => failed(503))(world))).toBe(true)
    expect(world.calls).toEqual([])
    expect(world.turn()?.inUse.model).toBe("b/1")
    expect(world.store.circuits().map(({ key }) => key)).toEqual(["model:a/own"])
  })

  test("the turn leaves the model: a request that is at fault is OpenCode's nevertheless", async () => {
    const world = await begun()
    const refused = (): Response => failed(400, "max_tokens is too large")
    expect(await meanwhile(leaves, refused)(world)).toMatchObject({ status: 400 })
  })
})

test("Esc while a failure is judged: OpenCode gets the failure", async () => {
  const abort = new AbortController()
  const world = await begun({
    failover: (failover) => ({
      ...failover,
      judge: (...args) => {
        abort.abort()
        return failover.judge(...args)
      },
    }),
  })
  const result = await step(world, own, [failed(429)], { init: { ...init, signal: abort.signal } })
  expect(result).toMatchObject({ status: 429 })
  expect(world.calls).toEqual([])
})

describe("a failure that was decided in flight", () => {
  test("is not taken again by the reactive way", async () => {
    const world = await begun({ settings: {} })
    await step(world, own, [failed(503)])
    await world.fail("msg_1", own, apiError(503, "unavailable"))
    expect(world.store.journal({ limit: 9 }).map(({ event }) => event)).toEqual(["exhausted"])
    expect(world.calls).toEqual([])
  })

  test("is OpenCode's as it is where there is no chain: nobody asks a dead key again", async () => {
    const world = await begun({ settings: {} })
    expect(await step(world, own, [failed(401, "invalid api key")])).toMatchObject({ status: 401 })
  })

  test("and leaves nobody is told once, however often OpenCode asks again", async () => {
    const world = await begun({ settings: {} })
    for (let count = 0; count < 3; count += 1) await step(world, own, [failed(503)])
    expect(world.store.journal({ limit: 9 }).map(({ event }) => event)).toEqual(["exhausted"])
  })
})

describe("a stream that is cut where nobody takes over", () => {
  const cut = (): Response => ok(delta("Half "))
  const rows: readonly (readonly [string, SettingsInput, boolean])[] = [
    ["passes as it came without a chain", {}, false],
    [
      "passes as it came where that is no reason to leave",
      { ...usual, runtime_fallback: { fallback_on: ["rate_limit"], retry_on_errors: [] } },
      false,
    ],
    ["breaks at the end of a chain", { fallback_models: ["z/9"] }, true],
    [
      "breaks where the turn waits, so that OpenCode pauses before it asks again",
      { fallback_models: ["z/9"], runtime_fallback: { when_exhausted: "wait" } },
      true,
    ],
  ]
  test.each(rows)("%s", async (_, settings, breaks) => {
    const world = await begun({ settings })
    const result = await step(world, own, [cut()])
    expect("text" in result && result.text.includes("broken: CutStreamError")).toBe(breaks)
    expect(isEnded(result)).toBe(false)
  })

  test.each([
    ["{not json", ["z/9"], true],
    ['{"error":{"message":"invalid api key"}}', ["z/9"], false],
    ['{"error":{"message":"overloaded"}}', ["z/9"], false],
    ["{not json", [], false],
  ] as const)(
    "so is one with %s in it, chain %o: OpenCode would end the turn",
    async (frame, chain, breaks) => {
      const world = await begun({ settings: { fallback_models: [...chain] } })
      const result = await step(world, own, [ok(frame)])
      expect("text" in result && result.text.includes("broken: CutStreamError")).toBe(breaks)
    },
  )

  test.each([
    ["overloaded", ["z/9"], "Error"],
    ["invalid api key", ["z/9"], "RefusedTurnError"],
    ["overloaded", [], undefined],
  ] as const)(
    "so is one of Gemini's with the error %s, chain %o: its package would pass over it, and OpenCode ask without end",
    async (message, chain, name) => {
      const world = await begun({ settings: { fallback_models: [...chain] } })
      const input = "http://provider/v1beta/models/own:streamGenerateContent?alt=sse"
      const result = await step(world, own, [ok(JSON.stringify({ error: { message } }))], { input })
      const broken = "text" in result ? /^broken: (\w+): (.*)/.exec(result.text) : undefined
      expect(broken?.[1]).toBe(name)
      if (name === "Error") expect(broken?.[2]).toContain(message)
    },
  )

  test("so is one over which OpenCode would not ask again, where the turn waits", async () => {
    const runtime_fallback = { when_exhausted: "wait" } as const
    const world = await begun({ settings: { fallback_models: ["z/9"], runtime_fallback } })
    const result = await step(world, own, [ok("{not json")])
    expect("text" in result && result.text).toContain("broken: CutStreamError")
  })

  test("the wait is told", async () => {
    const runtime_fallback = { when_exhausted: "wait" } as const
    const world = await begun({ settings: { fallback_models: ["z/9"], runtime_fallback } })
    await step(world, own, [cut()])
    expect(world.toasts.at(-1)?.message).toContain("Waiting about a minute for a/own.")
  })
})

const faulty: WorldOptions = {
  failover: (failover): Failover => ({ ...failover, judge: () => Promise.reject(new Error("a slip")) }),
}

describe("an internal error", () => {
  test("before the first byte: OpenCode gets the failure as it came, and the log says so", async () => {
    const world = await begun(faulty)
    expect(await step(world, own, [failed(429, "slow down")])).toMatchObject({ status: 429 })
    const thrown = await step(world, own, [reset()])
    expect(thrown).toMatchObject({ error: { message: "reset" } })
    expect(ownFaults(world).join("\n")).toContain("Error: a slip")
    expect(world.turn()?.inUse.model).toBe(own)
  })

  test("is told whatever was thrown, in a bounded text", async () => {
    const world = await begun({
      failover: (failover): Failover => ({
        ...failover,
        judge: () => Promise.reject("a slip".repeat(1_000)),
      }),
    })
    expect(await step(world, own, [failed(429)])).toMatchObject({ status: 429 })
    expect(ownFaults(world).map((line) => line.includes("a slip") && line.length < 2_200)).toEqual([true])
  })

  test("in the middle of an answer: it breaks as it would have", async () => {
    const world = await begun(faulty)
    const result = await step(world, own, [ok(delta("Half "), '{"error":{"message":"overloaded"}}')])
    expect(result).toMatchObject({ status: 200 })
    expect(JSON.stringify(result)).toContain("overloaded")
    expect(isEnded(result)).toBe(false)
  })

  test("after a whole tool call: the step is ended well-formed, so that no tool runs twice", async () => {
    const world = await begun(faulty)
    const result = await step(world, own, [ok(call, '{"error":{"message":"overloaded"}}')])
    expect(JSON.stringify(result)).not.toContain("overloaded")
    expect(isEnded(result)).toBe(true)
  })

  test("over an empty answer: it is passed on as it came", async () => {
    const world = await begun(faulty)
    const result = await step(world, own, [ok(finish("stop"), "[DONE]")])
    expect(result).toMatchObject({ status: 200 })
    expect(isEnded(result)).toBe(false)
  })
})

describe("a model that says nothing", () => {
  const patience = { first_token_timeout_seconds: 0.005 }
  const impatient = (fallback_models: readonly string[], more: object = {}): WorldOptions => ({
    settings: {
      agents: { build: { fallback_models: [...fallback_models] } },
      runtime_fallback: { ...patience, ...more },
    },
  })

  const untried = (key: `provider:${string}`): CircuitRecord => ({
    key,
    failures: 1,
    kind: "network",
    failedAt: 0,
    until: 1,
  })
  /** The provider has rested after a failure, so that the next request to one of its models probes it. */
  const rested = (world: World, key: `provider:${string}`): void =>
    void world.store.updateCircuit(key, () => untried(key))

  test("is left for the next one, and its connection is closed", async () => {
    const world = await begun(impatient(["b/1"]))
    rested(world, "provider:a")
    const result = await step(world, own, ["silence"])
    // That one model says nothing is no verdict on its provider.
    expect(world.store.circuit("provider:a")).toStrictEqual(untried("provider:a"))
    expect(isEnded(result)).toBe(true)
    expect(result.closed).toEqual([true])
    expect(world.calls).toEqual(["lend b/1 high"])
    expect(world.turn()?.tried).toEqual([{ model: own, kind: "timeout" }])
  })

  test("is left after as long as its headers and its first word have taken together", async () => {
    const world = await begun(impatient(["b/1"], { first_token_timeout_seconds: 60 }))
    const clock = spyOn(performance, "now").mockReturnValue(0)
    const send = (): Promise<Response> => {
      clock.mockReturnValue(60_000)
      return Promise.resolve(new Response(new ReadableStream()))
    }
    const result = await step(world, own, [], { send }).finally(() => clock.mockRestore())
    expect(isEnded(result)).toBe(true)
    expect(world.calls).toEqual(["lend b/1 high"])
  })

  test.each([
    ["nobody can take over", impatient([]), "no fallback models"],
    ["our own code fails", { ...impatient(["b/1"]), ...faulty }, "a slip"],
  ])("is waited for where %s", async (_, options, said) => {
    const world = await begun(options)
    let answer: (response: Response) => void = () => undefined
    const later = new Promise<Response>((resolve) => (answer = resolve))
    const under = step(world, own, [], { send: () => later })
    while (!world.logs.some((line) => line.toLowerCase().includes(said))) await Bun.sleep(1)
    answer(whole("at last"))
    expect(await under).toMatchObject({ status: 200 })
    expect(JSON.stringify(await under)).toContain("at last")
  })

  test("is asked again by OpenCode where its list is used up, and its connection is closed", async () => {
    const world = await begun(impatient(["b/1"], { max_fallback_attempts: 1 }))
    await step(world, own, [failed(429)])
    await step(world, "b/1", [failed(429)])
    await step(world, own, [])
    const error = expect.objectContaining({ name: "SilentModelError", code: "ETIMEDOUT" })
    const result = await step(world, own, ["silence"])
    expect(result).toMatchObject({ error, closed: [true] })
    const stalled = await step(world, own, [new Response(new ReadableStream(), { status: 200 })])
    expect(stalled).toMatchObject({
      text: expect.stringMatching(/^broken: SilentModelError: .*said nothing/),
    })
    expect(world.turn()?.inUse.model).toBe(own)
  })

  test("ends the turn with all reasons where nobody will be back by itself", async () => {
    const world = makeWorld(impatient(["b/1"]))
    world.sessions.patch("ses_1", { handedOver: { own, to: { model: "d/1" } } })
    for (const key of ["model:a/own", "model:b/1"] as const)
      world.store.updateCircuit(key, () => heldCircuit(key, 0))
    await world.message("msg_1", own)
    rested(world, "provider:d")
    const result = await step(world, "d/1", ["silence"])
    expect(world.store.circuit("provider:d")).toStrictEqual(untried("provider:d"))
    expect(result).toMatchObject({ status: 424, closed: [true] })
    expect(JSON.stringify(result)).toContain("No model is left for this turn.")
  })
})

describe("the settings", () => {
  test("enabled false: every failure is OpenCode's", async () => {
    const world = makeWorld({ settings: { ...usual, runtime_fallback: { enabled: false } } })
    await world.message("msg_1", own)
    expect(await step(world, own, [failed(503)])).toMatchObject({ status: 503 })
    expect(world.calls).toEqual([])
  })
})
