import { describe, expect, test } from "bun:test"
import { heldCircuit } from "../../../../../src/core/circuit.ts"
import type { ModelKey } from "../../../../../src/core/model-ref.ts"
import type { StepRequest } from "../../../../../src/opencode/v1/in-flight/flight.ts"
import { createMemoryStore } from "../../../../../src/store/memory-store.ts"
import type { Store } from "../../../../../src/store/store.ts"
import { makeWorld, usual, type World, type WorldOptions } from "../world.ts"
import {
  type Answer,
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

/** Failover inside the turn, decision by decision: OpenCode and the providers are played by the test. */

describe("a failure before the first byte", () => {
  const rows: readonly (readonly [string, Answer])[] = [
    ["a 429", failed(429)],
    ["a 503", failed(503)],
    ["a dead key", failed(401)],
    ["a connection that cannot be made", Object.assign(new Error("refused"), { code: "ECONNREFUSED" })],
    ["an error under status 200", ok(JSON.stringify({ error: { message: "overloaded" } }))],
    ["a stream that is cut at once", ok()],
  ]
  test.each(rows)(
    "%s: the turn is lent to the next model, then the step ends well-formed",
    async (_, answer) => {
      const world = await begun()
      const again = answer instanceof Response ? answer.clone() : answer
      const result = await step(world, own, [answer, again])
      expect(result).toMatchObject({ status: 200 })
      expect(isEnded(result)).toBe(true)
      expect(world.calls.filter((made) => !made.startsWith("pause"))).toEqual(["lend b/1 high"])
      expect(world.turn()).toMatchObject({
        own: { model: own },
        inUse: { model: "b/1", requests: 0 },
        attempts: 1,
        tried: [{ model: own }],
      })
      expect(world.store.session("ses_1")).toMatchObject({ own, inUse: "b/1", lent: "msg_1" })
      expect(world.refused).toEqual([])
    },
  )

  test("is repeated on the same model first, where that is wise", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const world = await begun({ onPause: () => promise })
    const answers = [() => Promise.reject(reset()), () => Promise.resolve(whole("hi"))]
    const send: StepRequest["send"] = () => (answers.shift() ?? fail)()
    const result = step(world, own, [], { send })
    await new Promise((later) => setImmediate(later))
    expect(world.calls).toEqual(["pause 250"])
    expect(answers).toHaveLength(1)
    resolve()
    expect(await result).toMatchObject({ status: 200 })
    expect(answers).toHaveLength(0)
  })

  test("goes to the variant that the chain names, not to the last stand-in's", async () => {
    const list = [{ model: "b/1", variant: "low" }, "c/1"]
    const world = await begun({ settings: { agents: { build: { fallback_models: list } } } })
    await step(world, own, [failed(503)])
    await step(world, "b/1", [failed(503)])
    expect(world.calls).toEqual(["lend b/1 low", "lend c/1 high"])
  })

  test("reaches OpenCode as it is where the turn cannot be lent", async () => {
    const world = await begun({ onLend: () => Promise.reject(new Error("no such session")) })
    expect(await step(world, own, [failed(429, "slow down")])).toMatchObject({ status: 429 })
    expect(world.turn()?.inUse.model).toBe(own)
    expect(world.logs.join("\n")).toContain("no such session")
  })

  test("of a session of which no prompt was seen is no matter of ours", async () => {
    const world = makeWorld()
    const answer = failed(429)
    expect(await request(world, own, { send: () => Promise.resolve(answer) })).toBe(answer)
    expect([...world.calls, ...ownFaults(world)]).toEqual([])
  })

  test("reaches OpenCode as it is where it is no reason to fall back", async () => {
    const world = await begun()
    expect(await step(world, own, [failed(400, "max_tokens is too large")])).toMatchObject({ status: 400 })
    expect([...world.calls, ...ownFaults(world)]).toEqual([])
  })

  test("that nobody can read is OpenCode's the first time, and a reason the second time", async () => {
    const world = await begun()
    expect(await step(world, own, [failed(418, "xyzzy")])).toMatchObject({ status: 418 })
    const again = await step(world, own, [failed(418, "xyzzy")])
    expect(isEnded(again)).toBe(true)
    expect(world.calls).toEqual(["lend b/1 high"])
  })
})

describe("what the next process knows of a turn that is being lent", () => {
  const lent = (world: World): unknown => {
    const { inUse, lent } = world.store.session("ses_1") ?? {}
    return [inUse, lent]
  }

  test("stands there before OpenCode stores the message, and as it was where OpenCode refuses", async () => {
    const seen: unknown[] = []
    const world = await begun({
      onLend: ({ model }) => {
        seen.push(lent(world))
        if (model === "c/1") throw new Error("no such session")
      },
    })
    await step(world, own, [failed(429)])
    await step(world, "b/1", [failed(429)])
    expect(seen).toEqual([
      ["b/1", "msg_1"],
      ["c/1", "msg_1"],
    ])
    expect(lent(world)).toEqual(["b/1", "msg_1"])
  })

  test("is kept before OpenCode stores the message, unless the store takes too long", async () => {
    const store = createMemoryStore({ now: () => 1_000_000 })
    const { promise, resolve } = Promise.withResolvers<void>()
    const kept = await begun({ store: { ...store, flushed: () => promise } })
    const switching = step(kept, own, [failed(429)])
    await new Promise((later) => setImmediate(later))
    expect(kept.calls).toEqual([])
    resolve()
    expect(isEnded(await switching)).toBe(true)
    const locked = await begun({ store: { ...store, flushed: () => Promise.withResolvers<void>().promise } })
    expect(isEnded(await step(locked, own, [failed(429)]))).toBe(true)
  })

  test("is nothing where OpenCode has refused the first one, or Esc came in between", async () => {
    const refused = await begun({ onLend: () => Promise.reject(new Error("no such session")) })
    await step(refused, own, [failed(429)])
    expect(lent(refused)).toEqual([undefined, undefined])
    const escaped = await begun({ onLend: () => escaped.turns.aborted("ses_1", "msg_1") })
    await step(escaped, own, [failed(429)])
    expect(lent(escaped)).toEqual([undefined, undefined])
    const later = await begun({
      onLend: ({ model }) => (model === "c/1" ? later.turns.aborted("ses_1", "msg_1") : undefined),
    })
    await step(later, own, [failed(429)])
    await step(later, "b/1", [failed(429)])
    expect(lent(later)).toEqual(["b/1", undefined])
    // Nor is OpenCode expected to go on.
    for (const { watched } of [refused, escaped]) expect(watched).not.toContain("ses_1 switched")
  })
})

test("a store that fails while the lending is recorded costs the record, not the switch", async () => {
  const store = createMemoryStore({ now: () => 1_000_000 })
  let isBroken = false
  const session: Store["session"] = (id) => {
    if (isBroken) throw new Error("disk full")
    return store.session(id)
  }
  const world = await begun({ store: { ...store, session } })
  isBroken = true
  const result = await step(world, own, [failed(429)])
  isBroken = false
  expect(isEnded(result)).toBe(true)
  expect(world.turn()?.inUse.model).toBe("b/1")
})

test("the journal says who was left for whom, and how long it took until the turn could go on", async () => {
  const world = await begun({ onLend: () => world.pass(40) })
  await step(world, own, [failed(429)])
  const [entry] = world.store.journal({ limit: 1 })
  expect(entry).toMatchObject({ event: "switched", from: own, to: "b/1", durationMs: 40 })
  expect(world.watched).toContain("ses_1 switched")
})

describe("an error that nobody can read", () => {
  test("is the first one where another was read before it", async () => {
    const world = await begun()
    await step(world, own, [failed(400, "max_tokens is too large")])
    expect(await step(world, own, [failed(418, "xyzzy")])).toMatchObject({ status: 418 })
    expect(isEnded(await step(world, own, [failed(418, "xyzzy")]))).toBe(true)
  })

  test("is one and the same when OpenCode tells of it", async () => {
    const world = await begun()
    await step(world, own, [ok(JSON.stringify({ error: { message: "xyzzy" } }))])
    await world.fail("msg_1", own, { name: "UnknownError", data: { message: "xyzzy" } })
    expect(world.turn()?.inUse.model).toBe(own)
    expect(world.logs.filter((line) => line.includes("left to OpenCode"))).toHaveLength(1)
  })
})

describe("a turn that is over while it is being lent", () => {
  const rows: readonly (readonly [string, (world: World) => void])[] = [
    ["by Esc, which the events tell", (world) => world.turns.aborted("ses_1", "msg_1")],
    ["by its end", (world) => world.turns.ended("ses_1")],
    ["with its session", (world) => world.sessions.forget("ses_1")],
  ]
  test.each(rows)("%s: it is given back, and OpenCode gets the failure", async (_, happens) => {
    const world = await begun({ onLend: () => happens(world) })
    expect(await step(world, own, [failed(429)])).toMatchObject({ status: 429 })
    expect(world.givenBack).toEqual(["all"])
    expect(world.store.journal({ limit: 9 })).toEqual([])
  })
})

describe("what is known before a request is sent", () => {
  test("says nothing where the user has ended the request already", async () => {
    const world = await begun()
    world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
    const signal = AbortSignal.abort()
    const result = await step(world, own, [failed(499)], { init: { ...init, signal } })
    expect(result).toMatchObject({ status: 499, sent: [own] })
    expect(world.calls).toEqual([])
    expect(ownFaults(world)).toEqual([])
  })

  const rows: readonly (readonly [string, ModelKey, Partial<StepRequest>])[] = [
    ["a request of an earlier message", own, { messageID: "msg_0" }],
    ["a model that nobody put there", "d/1", {}],
    ["the own model, whose message was not overwritten", own, {}],
  ]
  test.each(rows)("says nothing to %s", async (_, model, more) => {
    const world = await begun()
    await step(world, own, [failed(429)])
    const result = await request(world, model, { send: async () => whole("asked"), ...more })
    expect(await result.text()).toContain("asked")
    expect(world.calls).toEqual(["lend b/1 high"])
  })
})

describe("Esc", () => {
  test.each([
    ["its failure is OpenCode's", failed(429), 429],
    ["an answer that breaks off behind a call is ended", ok(call), 200],
  ])("while the model is asked: %s, and nothing is a fault", async (_, answer, status) => {
    const world = await begun()
    const send = async (): Promise<Response> => {
      world.turns.aborted("ses_1", "msg_1")
      return answer
    }
    expect(await step(world, own, [], { send })).toMatchObject({ status })
    expect(world.calls).toEqual([])
    expect(ownFaults(world)).toEqual([])
  })

  test("while the turn is being lent: it is given back, and OpenCode gets the failure", async () => {
    const abort = new AbortController()
    const world = await begun({ onLend: () => abort.abort() })
    const init = { method: "POST", body: '{"stream":true,"messages":[]}', signal: abort.signal }
    expect(await step(world, own, [failed(429)], { init })).toMatchObject({ status: 429 })
    expect(world.givenBack).toEqual(["all"])
    expect(world.turn()?.inUse.model).toBe(own)
    expect(world.refused).toEqual([])
  })
})

describe("the end of the answer that ends the turn", () => {
  test("waits until the message is given back", async () => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const world = await begun({ givesBack: promise })
    await step(world, own, [failed(429)])
    expect(world.givenBack).toEqual([])
    let isOver = false
    const ending = step(world, "b/1", [whole("hi")]).finally(() => (isOver = true))
    await new Promise((later) => setImmediate(later))
    // Once while it is answered, and once more for its end.
    expect(world.givenBack).toEqual(["msg_1", "msg_1"])
    expect(isOver).toBe(false)
    resolve(true)
    await ending
    expect(world.store.session("ses_1")?.lent).toBeUndefined()
    expect(world.store.session("ses_1")?.inUse).toBe("b/1")
  })

  test("finds a session at rest where it comes after Esc: an undo may be pending", async () => {
    const world = await begun()
    await step(world, own, [failed(429)])
    await step(world, "b/1", [whole("hi")], { init: { ...init, signal: AbortSignal.abort() } })
    expect(world.givenBack).toEqual(["msg_1, at rest"])
  })

  test("is not there yet while a tool is called, but where the tool is the structured answer", async () => {
    const world = await begun()
    await step(world, own, [failed(429)])
    await step(world, "b/1", [ok(call, finish("tool_calls"), "[DONE]")])
    // Given back while it is answered, and lent again for the loop.
    expect([world.givenBack, world.calls]).toEqual([["msg_1"], ["lend b/1 high", "lend b/1 high"]])
    await step(world, "b/1", [ok(call, finish("tool_calls"), "[DONE]")], { isStructured: true })
    expect([world.givenBack.length, world.calls.length]).toEqual([3, 2])
    // It may have been another tool: the turn goes on then, and is lent again.
    expect(world.store.session("ses_1")?.lent).toBe("msg_1")
  })

  test("where a tool is called, waits until the message is lent again: OpenCode's loop reads it then", async () => {
    const lending = Promise.withResolvers<void>()
    let lends = 0
    const world = await begun({ onLend: () => ((lends += 1) > 1 ? lending.promise : undefined) })
    await step(world, own, [failed(429)])
    let isOver = false
    const ending = step(world, "b/1", [ok(call, finish("tool_calls"), "[DONE]")]).finally(
      () => (isOver = true),
    )
    await new Promise((later) => setImmediate(later))
    expect([lends, isOver]).toEqual([2, false])
    lending.resolve()
    await ending
  })

  // A client may name the message itself: its id says nothing of when it came.
  test.each(["msg_2", "msg_0"])(
    "is the beginning of the next one where a prompt was queued as %s: that is lent, and stays on record",
    async (queued) => {
      const world = await begun()
      await step(world, own, [failed(429, "no", { "retry-after": "300" })])
      await world.step("msg_1", "b/1")
      const response = await request(world, "b/1", { send: () => Promise.resolve(whole("hi")) })
      await world.message(queued, own, { variant: "high" })
      expect(world.calls).toEqual(["lend b/1 high"])
      await response.text()
      expect(world.calls).toEqual(["lend b/1 high", "lend b/1 high"])
      expect(world.givenBack).toEqual(["msg_1", "msg_1"])
      expect(world.store.session("ses_1")).toMatchObject({ lent: queued })
    },
  )

  test("is the end of what its message was given back for: a prompt behind it begins on the fallback", async () => {
    const world = await begun()
    await step(world, own, [failed(429, "no", { "retry-after": "300" })])
    await step(world, "b/1", [whole("hi")])
    expect(await world.message("msg_2", own)).toBe("b/1")
  })

  test("keeps the record of a message that could not be given back", async () => {
    const world = await begun({ givesBack: false })
    await step(world, own, [failed(429)])
    await step(world, "b/1", [whole("hi")])
    expect(world.store.session("ses_1")?.lent).toBe("msg_1")
  })
})

describe("a failure in the middle of the answer", () => {
  test("ends the step behind what was shown", async () => {
    const world = await begun()
    const result = await step(world, own, [ok(delta("Half "))])
    expect(JSON.stringify(result)).toContain("Half ")
    expect(isEnded(result)).toBe(true)
    expect(world.calls).toEqual(["lend b/1 high"])
  })

  const noChain: WorldOptions = { settings: {} }
  test.each([
    ["a cut", [call]],
    ["an error", [call, JSON.stringify({ error: { message: "invalid_request", code: 400 } })]],
    ["an outage", [call, JSON.stringify({ error: { message: "overloaded" } })]],
  ])("after a whole tool call is always ended well-formed: %s, nobody left", async (_, frames) => {
    const world = await begun(noChain)
    const result = await step(world, own, [ok(...frames)])
    expect(isEnded(result)).toBe(true)
    expect(JSON.stringify(result)).not.toContain("broken")
    expect(ownFaults(world)).toEqual([])
  })

  test("ends a turn for which nobody is left with the text that says everything", async () => {
    const world = await begun({ settings: { agents: { build: { fallback_models: ["b/1"] } } } })
    world.store.updateCircuit("model:b/1", () => heldCircuit("model:b/1", 0))
    const error = JSON.stringify({ error: { message: "invalid api key", code: 401 } })
    const result = await step(world, own, [ok(delta("Half "), error)])
    expect(JSON.stringify(result)).toContain(
      "broken: RefusedTurnError: No model is left for this turn. a/own",
    )
  })
})

describe("an answer with nothing in it", () => {
  const nothing = (): Response => ok(finish("stop"), "[DONE]")

  test("is asked for once more on the same model, then on the next", async () => {
    const world = await begun()
    const again = await step(world, own, [nothing()])
    expect(isEnded(again)).toBe(true)
    expect(world.turn()?.inUse.model).toBe(own)
    await step(world, own, [nothing()])
    expect(world.turn()?.inUse.model).toBe("b/1")
    expect(world.turn()?.tried).toEqual([{ model: own, kind: "empty_answer" }])
  })

  test("is an answer where a tool has run in the turn", async () => {
    const world = await begun()
    await step(world, own, [ok(call, finish("tool_calls"), "[DONE]")])
    const end = await step(world, own, [nothing()])
    expect(JSON.stringify(end)).toContain("stop")
    expect(isEnded(end)).toBe(false)
    expect(world.turn()?.inUse.model).toBe(own)
  })

  test("is an error where nobody else is left", async () => {
    const world = await begun({ settings: { agents: { build: { fallback_models: ["z/9"] } } } })
    await step(world, own, [nothing()])
    const end = await step(world, own, [nothing()])
    expect(JSON.stringify(end)).toContain("EmptyAnswerError: The model answered with nothing")
  })

  test("is left alone where the settings say so", async () => {
    const runtime_fallback = { fallback_on: ["rate_limit" as const] }
    const world = await begun({ settings: { ...usual, runtime_fallback } })
    const result = await step(world, own, [nothing()])
    expect("text" in result && result.text).toBe(await nothing().text())
  })
})

describe("nobody left", () => {
  const hour = { "retry-after": "3600" }

  test("a named time: the turn ends at once, and no further request is sent", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(429, "slow", hour)])
    const end = await step(world, "b/1", [failed(401)])
    expect(end).toMatchObject({ status: 424 })
    const text = JSON.stringify(end).replaceAll("\u2060", "")
    expect(text).toContain(
      "a/own: rate limit reached, back in about an hour; b/1: key was rejected, check the key of b.",
    )
    const again = await step(world, "b/1", [whole("never asked")])
    expect(again).toMatchObject({ status: 424, sent: [] })
  })

  test("no named time: the own model's failure is OpenCode's to ask again, and once given is not given again", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(503, "the own model is away")])
    const last = await step(world, "b/1", [failed(529)])
    expect(isEnded(last)).toBe(true)
    expect(world.calls).toEqual(["lend b/1 high", "lend a/own high"])
    const owed = await step(world, own, [whole("not asked yet")])
    expect(owed).toMatchObject({ status: 503, sent: [] })
    expect(JSON.stringify(owed)).toContain("the own model is away")
    expect(await step(world, own, [whole("well again")])).toMatchObject({ status: 200, sent: [own] })
    expect(world.turn()?.phase).toEqual({ is: "running" })
  })

  test("what the own model was asked again over is not what is given", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(500, "a hiccup"), failed(503, "the own model is away")])
    await step(world, "b/1", [failed(529)])
    expect(JSON.stringify(await step(world, own, []))).toContain("the own model is away")
  })

  test("an error that the own model's request met is thrown again as it is, once", async () => {
    const refused = Object.assign(new Error("Unable to connect"), { code: "ConnectionRefused" })
    const world = await begun(alone)
    await step(world, own, [refused, refused])
    await step(world, "b/1", [failed(529)])
    const owed = await step(world, own, [])
    expect(owed).toMatchObject({ error: refused, sent: [] })
    expect("error" in owed && owed.error).toBe(refused)
    expect(ownFaults(world)).toEqual([])
    expect(await step(world, own, [whole("well again")])).toMatchObject({ status: 200 })
  })

  test("a dead key of the own model ends no turn while the fallback may be well again", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(402, "no credit")])
    await step(world, "b/1", [failed(529)])
    const owed = await step(world, own, [])
    expect(owed).toMatchObject({ status: 429, sent: [] })
    expect(JSON.stringify(owed)).toContain("no credit")
    // OpenCode asks again within seconds, when nobody is well yet.
    expect(await step(world, own, [whole("not asked")])).toMatchObject({ status: 429, sent: [] })
    world.pass(60_000)
    expect(isEnded(await step(world, own, []))).toBe(true)
    expect(world.turn()?.inUse.model).toBe("b/1")
  })

  test("an hour that the last one names is not told to OpenCode while another may be well", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(503)])
    await step(world, "b/1", [failed(429, "slow", hour)])
    await step(world, own, [])
    const last = await step(world, own, [failed(429, "slow", hour)])
    expect([last.sent.length, "headers" in last && last.headers.get("retry-after")]).toEqual([1, null])
  })

  test("the own model has named an hour: OpenCode's own retries do not ask it, until somebody else is back", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(429, "not before noon", hour)])
    await step(world, "b/1", [failed(529)])
    for (const ms of [0, 2_000, 4_000, 8_000, 16_000]) {
      world.pass(ms)
      const again = await step(world, own, [whole("not asked")])
      expect(again).toMatchObject({ status: 429, sent: [] })
      expect(JSON.stringify(again)).toContain("not before noon")
    }
    world.pass(30_000)
    expect(isEnded(await step(world, own, []))).toBe(true)
    expect(await step(world, "b/1", [whole("hi")])).toMatchObject({ status: 200, sent: ["b/1"] })
    expect(ownFaults(world)).toEqual([])
  })

  test("the hour that it names when it is asked again counts as well, until somebody resets it", async () => {
    const world = await begun(alone)
    await step(world, own, [failed(503)])
    await step(world, "b/1", [failed(529)])
    await step(world, own, [])
    await step(world, own, [failed(429, "not before noon", hour)])
    expect(await step(world, own, [whole("not asked")])).toMatchObject({ status: 429, sent: [] })
    world.store.updateCircuit("model:a/own", () => undefined)
    expect(await step(world, own, [whole("well")])).toMatchObject({ status: 200, sent: [own] })
  })

  test("a fallback that has named an hour is not asked again where the own model will be back first", async () => {
    const world = makeWorld(alone)
    await world.message("msg_0", own)
    await step(world, own, [failed(503)], { messageID: "msg_0" })
    world.idle()
    await world.message("msg_1", own)
    const first = await step(world, "b/1", [failed(429, "not before noon", hour)])
    expect(first).toMatchObject({ status: 429, sent: ["b/1"] })
    expect(await step(world, "b/1", [whole("not asked")])).toMatchObject({ status: 429, sent: [] })
    world.pass(60_000)
    expect(isEnded(await step(world, "b/1", []))).toBe(true)
    expect(world.turn()?.inUse.model).toBe(own)
  })

  test("a primary that is always asked first is asked by OpenCode's own retries, too", async () => {
    const runtime_fallback = { restore_primary: "next_message" } as const
    const world = await begun({ settings: { ...alone.settings, runtime_fallback } })
    await step(world, own, [failed(429, "slow", hour)])
    await step(world, "b/1", [failed(529)])
    await step(world, own, [])
    expect(await step(world, own, [whole("well")])).toMatchObject({ status: 200, sent: [own] })
  })

  test("when_exhausted wait: OpenCode is told to ask again when the first is back", async () => {
    const runtime_fallback = { when_exhausted: "wait" } as const
    const world = await begun({ settings: { ...alone.settings, runtime_fallback } })
    await step(world, own, [failed(429, "slow", { "retry-after": "30" })])
    const wait = await step(world, "b/1", [failed(429, "slow", hour)])
    expect(wait).toMatchObject({ status: 429 })
    expect("headers" in wait && Number(wait.headers.get("retry-after-ms"))).toBe(30_000)
    world.pass(30_000)
    const next = await step(world, "b/1", [])
    expect(isEnded(next)).toBe(true)
    expect(world.calls).toEqual(["lend b/1 high", "lend a/own high"])
    expect(world.store.session("ses_1")?.inUse).toBeUndefined()
  })

  test("when_exhausted wait: whoever is in use says what comes next where the wait was in vain", async () => {
    const runtime_fallback = { when_exhausted: "wait" } as const
    const world = await begun({ settings: { ...alone.settings, runtime_fallback } })
    await step(world, own, [failed(429, "slow", { "retry-after": "30" })])
    await step(world, "b/1", [failed(429, "slow", { "retry-after": "90" })])
    world.pass(30_000)
    await step(world, "b/1", [])
    const wait = await step(world, own, [failed(429, "slow", hour)])
    expect("headers" in wait && Number(wait.headers.get("retry-after-ms"))).toBe(60_000)
    world.pass(60_000)
    world.store.updateCircuit(
      "model:b/1",
      (before) => before && { ...before, until: world.now() + 3_600_000 },
    )
    expect(await step(world, own, [failed(429, "slow", hour)])).toMatchObject({ sent: [own] })
  })

  test("when_exhausted wait: no wait where the own model is back by then", async () => {
    const runtime_fallback = { when_exhausted: "wait" } as const
    const world = await begun({ settings: { ...alone.settings, runtime_fallback } })
    await step(world, own, [failed(429, "slow", { "retry-after": "30" })])
    world.pass(30_000)
    const last = await step(world, "b/1", [failed(429, "slow", { "retry-after": "600" })])
    expect(isEnded(last)).toBe(true)
    expect(world.turn()?.inUse.model).toBe(own)
    expect(world.toasts.at(-1)?.message).toEndWith("a/own is back already.")
    const owed = await step(world, own, [])
    expect("headers" in owed && owed.headers.get("retry-after-ms")).toBeNull()
    expect(await step(world, own, [whole("hi")])).toMatchObject({ status: 200, sent: [own] })
  })

  test("when_exhausted wait: not for longer than max_wait_seconds", async () => {
    const runtime_fallback = { when_exhausted: "wait", max_wait_seconds: 29 } as const
    const world = await begun({ settings: { ...alone.settings, runtime_fallback } })
    await step(world, own, [failed(429, "slow", { "retry-after": "30" })])
    const last = await step(world, "b/1", [failed(429, "slow", hour)])
    expect("headers" in last && last.headers.has("retry-after-ms")).toBe(false)
  })

  test("no chain: what OpenCode does not ask again ends the turn, as it would without us", async () => {
    const world = await begun({ settings: {} })
    expect(await step(world, own, [failed(413, "rate limit reached")])).toMatchObject({ status: 413 })
    expect(world.store.circuit("model:a/own")).toMatchObject({ kind: "rate_limit" })
  })

  test("the own model cannot be put back: the last failure is OpenCode's", async () => {
    const world = await begun({
      ...alone,
      onLend: ({ model }) => (model === own ? Promise.reject(new Error("no such session")) : undefined),
    })
    await step(world, own, [failed(429, "slow", hour)])
    expect(await step(world, "b/1", [failed(529)])).toMatchObject({ status: 529 })
    expect(world.turn()?.inUse.model).toBe("b/1")
    expect(await step(world, "b/1", [whole("not asked yet")])).toMatchObject({ status: 429, sent: [] })
    expect(await step(world, "b/1", [whole("well")])).toMatchObject({ status: 200, sent: ["b/1"] })
  })

  test("Esc while the own model is being put back: nothing goes on, and nothing is a fault", async () => {
    const world = await begun({
      ...alone,
      onLend: ({ model }) => (model === own ? world.turns.aborted("ses_1", "msg_1") : undefined),
    })
    await step(world, own, [failed(503)])
    expect(await step(world, "b/1", [failed(529)])).toMatchObject({ status: 529 })
    expect(world.turn()?.phase.is).toBe("aborted")
    expect(world.refused).toEqual([])
  })
})

describe("a lent message that the host has overwritten with an older state", () => {
  test("is lent again without a request, an attempt or a toast", async () => {
    const world = await begun()
    await step(world, own, [failed(429)])
    const again = await step(world, own, [whole("never asked")])
    expect(isEnded(again)).toBe(true)
    expect(again.sent).toEqual([])
    expect(world.calls).toEqual(["lend b/1 high", "lend b/1 high"])
    expect(world.turn()).toMatchObject({ own: { model: own }, inUse: { model: "b/1" }, attempts: 1 })
    expect(world.store.journal({ limit: 9 })).toHaveLength(1)
  })

  test("is lent again where that state named an earlier stand-in, and the own model stays the user's", async () => {
    const world = await begun()
    await step(world, own, [failed(429)])
    await step(world, "b/1", [failed(429)])
    const again = await step(world, "b/1", [whole("never asked")])
    expect(isEnded(again)).toBe(true)
    expect(again.sent).toEqual([])
    expect(world.turn()).toMatchObject({ own: { model: own }, inUse: { model: "c/1" }, attempts: 2 })
  })

  test("is given back where Esc comes while it is lent again", async () => {
    const abort = new AbortController()
    const world = await begun({ onLend: () => (world.calls.length === 0 ? undefined : abort.abort()) })
    await step(world, own, [failed(429)])
    const init = { method: "POST", body: '{"stream":true,"messages":[]}', signal: abort.signal }
    await step(world, own, [failed(429)], { init })
    expect(world.givenBack).toEqual(["all"])
  })

  test("is asked after all where it cannot be lent again", async () => {
    let isGone = false
    const world = await begun({ onLend: () => (isGone ? Promise.reject(new Error("gone")) : undefined) })
    await step(world, own, [failed(429)])
    isGone = true
    expect(await step(world, own, [whole("hi")])).toMatchObject({ status: 200, sent: [own] })
    expect(ownFaults(world)).toEqual([])
  })

  test("is taken for the user's change of mind when it comes too often in a row", async () => {
    const world = await begun()
    await step(world, own, [failed(429)])
    for (const model of [own, own, "b/1", own, own, own, own, own] as const) {
      await step(world, model, [whole("")])
      expect(world.turn()).toMatchObject({ inUse: { model: "b/1" }, attempts: 1 })
    }
    await world.step("msg_1", own)
    expect(world.turn()?.inUse.model).toBe(own)
  })
})

describe("a stand-in that refuses what it is given", () => {
  test.each([
    failed(400, "does not support assistant message prefill"),
    failed(400, "tool call id must have 9 characters"),
    failed(400, "maximum context length is 8192 tokens"),
    ok(JSON.stringify({ error: { code: "invalid_encrypted_content" } })),
  ])("%#: the next one is asked", async (answer) => {
    const world = await begun()
    await step(world, own, [failed(429)])
    const refused = await step(world, "b/1", [answer])
    expect(isEnded(refused)).toBe(true)
    expect(world.turn()?.inUse.model).toBe("c/1")
    expect(world.store.circuit("model:b/1")).toBeUndefined()
  })

  test("counts as any other refusal once it has answered", async () => {
    const world = await begun()
    await step(world, own, [failed(429)])
    await step(world, "b/1", [ok(call, finish("tool_calls"), "[DONE]")])
    expect(await step(world, "b/1", [failed(400, "max_tokens is too large")])).toMatchObject({ status: 400 })
  })
})

describe("a model that is known to be down", () => {
  test("is left without a request in the middle of a turn", async () => {
    const world = await begun()
    world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
    const result = await step(world, own, [whole("never asked")])
    expect(result.sent).toEqual([])
    expect(world.calls).toEqual(["lend b/1 high"])
  })

  test("is asked where nobody else can take the turn", async () => {
    const world = await begun({ settings: {} })
    world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
    expect((await step(world, own, [whole("hi")])).sent).toEqual([own])
    expect(ownFaults(world)).toEqual([])
  })

  test("is asked where the user always wants it first", async () => {
    const runtime_fallback = { restore_primary: "next_message" } as const
    const world = makeWorld({ settings: { ...usual, runtime_fallback } })
    await world.message("msg_0", own)
    await step(world, own, [failed(503)])
    world.idle()
    await world.message("msg_1", own)
    expect((await step(world, own, [whole("hi")])).sent).toEqual([own])
  })

  const { held: _, ...cooling } = heldCircuit("model:a/own", 0)
  test.each([
    ["is asked while it cools down", cooling, [own]],
    ["is not asked while it is held by hand", heldCircuit("model:a/own", 0), []],
  ] as const)("%s, if it is always wanted first and its prompt was not seen", async (_, circuit, sent) => {
    const runtime_fallback = { restore_primary: "next_message" } as const
    const world = makeWorld({ settings: { ...usual, runtime_fallback } })
    world.store.updateCircuit("model:a/own", () => circuit)
    expect((await step(world, own, [whole("hi")])).sent).toEqual([...sent])
  })
})

test("a good answer to an old request does not heal a newer failure", async () => {
  const world = await begun()
  const send = async (): Promise<Response> => {
    world.pass(1_000)
    await world.failover.judge(world.turn() ?? fail(), { status: 503 }, undefined)
    return whole("hi")
  }
  await step(world, own, [], { send })
  expect(world.store.circuit("model:a/own")).toBeDefined()
})

test("the own model's answer brings it back, and says so once", async () => {
  const world = await begun()
  await step(world, own, [failed(503)])
  await step(world, "b/1", [whole("hi")])
  world.idle()
  world.pass(120_000)
  await world.message("msg_2", own)
  await step(world, own, [whole("hi")])
  await Promise.resolve()
  expect(world.store.session("ses_1")?.inUse).toBeUndefined()
  expect(world.store.journal({ limit: 1 })[0]).toMatchObject({ event: "returned", from: "b/1", to: own })
})

function fail(): never {
  throw new Error("nothing is left")
}

describe("a probe that comes to no verdict is given back at once", () => {
  /** The own model has rested, so that the next request probes it. */
  async function rested(): Promise<World> {
    const world = await begun()
    await step(world, own, [failed(503)])
    world.idle()
    world.pass(61_000)
    await world.message("msg_1", own)
    return world
  }
  const isProbed = (world: World): boolean => world.store.circuit("model:a/own")?.probeUntil !== undefined

  test("by a refusal that says nothing of its health", async () => {
    const world = await rested()
    await step(world, own, [failed(400, "max_tokens is too large")])
    expect(isProbed(world)).toBe(false)
    expect(world.failover.tryProbe({ sessionID: "other", model: own })).toBeUndefined()
  })

  test("by a broken answer that OpenCode gets, which says nothing of the provider's health", async () => {
    const world = await begun({ settings: {} })
    const rested = { key: "provider:a", failures: 1, kind: "auth", failedAt: 0, until: 1 } as const
    world.store.updateCircuit("provider:a", () => rested)
    const { text } = { text: "", ...(await step(world, own, [ok(delta("half"))])) }
    expect(text).toContain("half")
    expect(world.store.circuit("model:a/own")).toMatchObject({ kind: "network" })
    expect(world.store.circuit("provider:a")).toStrictEqual(rested)
  })

  test("by an answer that we cannot read", async () => {
    const world = await rested()
    // A message of AWS with one byte of headers, of which the name alone would be longer.
    const prelude = Uint8Array.from([0, 0, 0, 17, 0, 0, 0, 1])
    const checksum = Buffer.alloc(4)
    checksum.writeUInt32BE(Bun.hash.crc32(prelude))
    const unreadable = Buffer.concat([prelude, checksum, Uint8Array.from([200, 0, 0, 0, 0])])
    const input = "http://provider/model/own/converse-stream"
    await step(world, own, [new Response(unreadable)], { input })
    expect(ownFaults(world)).toHaveLength(1)
    expect(isProbed(world)).toBe(false)
  })

  test("by Esc before the answer begins", async () => {
    const world = await rested()
    await world.step("msg_1", own)
    const user = new AbortController()
    const send = (): Promise<Response> => {
      expect(isProbed(world)).toBe(true)
      user.abort()
      return Promise.reject(new DOMException("aborted", "AbortError"))
    }
    await request(world, own, { init: { ...init, signal: user.signal }, send }).catch(() => undefined)
    expect(isProbed(world)).toBe(false)
  })

  test.each([
    ["breaks", (body: ReadableStreamDefaultController, reason: unknown) => body.error(reason)],
    ["closes", (body: ReadableStreamDefaultController) => body.close()],
  ])("by Esc that %s the connection", async (_, end) => {
    const world = await rested()
    await world.step("msg_1", own)
    const user = new AbortController()
    const { promise: pressed, resolve: press } = Promise.withResolvers<void>()
    const body = new ReadableStream({
      pull: (controller) => pressed.then(() => end(controller, user.signal.reason)),
    })
    const response = await request(world, own, {
      init: { ...init, signal: user.signal },
      send: () => Promise.resolve(new Response(body)),
    })
    expect(isProbed(world)).toBe(true)
    user.abort()
    press()
    await response.text().catch(() => undefined)
    expect(isProbed(world)).toBe(false)
  })

  test("by Esc in the middle of the answer", async () => {
    const world = await rested()
    await world.step("msg_1", own)
    const endless = new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) }),
    )
    const response = await request(world, own, { send: () => Promise.resolve(endless) })
    expect(isProbed(world)).toBe(true)
    await response.body?.cancel()
    expect(isProbed(world)).toBe(false)
  })
})
