import { describe, expect, test } from "bun:test"
import { isAskedAgain } from "../../../../../src/failover/refusal-text.ts"
import type { StepRequest } from "../../../../../src/opencode/v1/in-flight/flight.ts"
import { turnOf } from "../../../turn/turn-of.ts"
import { makeWorld, usual, type World, type WorldOptions } from "../world.ts"
import { type Answer, delta, failed, finish, ok, ownFaults, textOf, whole } from "./step.ts"

const prompt = `Sum this up: ${"we talked about plums. ".repeat(20)}`
const bodyOf = (...texts: readonly string[]): string =>
  JSON.stringify({ stream: true, messages: texts.map((content) => ({ role: "user", content })) })

/** A session that compacts on its own model in the middle of a turn. */
async function compacting(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  world.busy()
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  await world.step("msg_2", "a/own", "compaction")
  return world
}

/** The compaction's request, which meets these answers in turn. */
async function ask(world: World, answers: readonly Answer[], more: Partial<StepRequest> = {}) {
  const queue = [...answers]
  const usual = { sessionID: "ses_1", messageID: "msg_2", model: "a/own", isStructured: false } as const
  const response = await world
    .compactionInFlight({
      ...usual,
      input: "http://provider/v1/chat/completions",
      init: { method: "POST", body: bodyOf(prompt) },
      send: async () => {
        const next = queue.shift()
        if (next instanceof Response) return next
        throw next
      },
      ...more,
    })
    .catch((error: unknown) => new Response(String(error), { status: 599 }))
  const { status, headers } = response
  return { status, headers, text: await textOf(response), unasked: queue.length }
}

const asked = `ask on a/own: ${prompt}`
const hour = (): Response => failed(429, "rate limited", { "retry-after": "3600" })

describe("the request of a compaction", () => {
  test("that is answered is passed on as it is", async () => {
    const world = await compacting()
    expect(await ask(world, [whole("the summary")])).toMatchObject({
      status: 200,
      text: expect.stringContaining("the summary"),
    })
    expect(world.calls).toEqual([])
    expect(world.sessions.get("ses_1").compaction?.turn.inUse.step).toBe("answered")
  })

  test("to a model that is known to be down is not sent: the chain is asked in a child session", async () => {
    const world = await compacting()
    await ask(world, [hour()])
    await world.step("msg_3", "a/own", "compaction")
    const { text, unasked } = await ask(world, [whole("the summary")], { messageID: "msg_3" })
    expect(text).toContain("a summary")
    expect([unasked, world.calls]).toEqual([1, [asked, asked]])
  })

  test("to a model that is known to be down is sent where nobody else could answer it", async () => {
    const world = await compacting({ settings: { fallback_models: [] } })
    await ask(world, [hour()])
    await world.step("msg_3", "a/own", "compaction")
    expect(await ask(world, [whole("the summary")], { messageID: "msg_3" })).toMatchObject({ unasked: 0 })
  })

  test("that the user ends says nothing of its model", async () => {
    const world = await compacting()
    const controller = new AbortController()
    const send = async (): Promise<Response> => {
      controller.abort()
      return failed(429)
    }
    const body = bodyOf(prompt)
    expect(
      await ask(world, [], { init: { method: "POST", body, signal: controller.signal }, send }),
    ).toMatchObject({
      status: 429,
    })
    expect([world.calls, world.store.circuits()]).toEqual([[], []])
  })

  test("leaves the probe of a model that may be well again to the next step", async () => {
    const world = await compacting()
    await ask(world, [hour()])
    world.pass(3_700_000)
    await world.step("msg_3", "a/own", "compaction")
    expect(await ask(world, [whole("the summary")], { messageID: "msg_3" })).toMatchObject({ unasked: 0 })
    expect(world.failover.tryProbe({ sessionID: "ses_2", model: "a/own" })).toBeUndefined()
  })

  test("whose failure is left to OpenCode is no news for the reactive way", async () => {
    const world = await compacting()
    expect(await ask(world, [failed(400, "max_tokens is too large")])).toMatchObject({ status: 400 })
    expect(world.sessions.get("ses_1").compaction?.turn.inUse.step).toBe("decided")
  })

  test("whose model is waited for goes to the next one when patience is over", async () => {
    const settings = { ...usual, runtime_fallback: { patience_seconds: 15 } }
    const world = await compacting({ settings })
    const soon = () => failed(429, "rate limited", { "retry-after": "10" })
    expect((await ask(world, [soon()])).status).toBe(429)
    world.pass(10_000)
    expect((await ask(world, [soon()])).text).toContain("a summary")
  })

  test("that is answered is passed on while it is being written", async () => {
    const world = await compacting()
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const begun = ok(delta("the "))
    const rest = whole("summary")
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(await begun.bytes())
        await end
        controller.enqueue(await rest.bytes())
        controller.close()
      },
    })
    const init = { method: "POST", body: bodyOf(prompt) }
    const response = await world.compactionInFlight({
      sessionID: "ses_1",
      messageID: "msg_2",
      model: "a/own",
      isStructured: false,
      input: "http://provider/v1/chat/completions",
      init,
      send: async () => new Response(body, { headers: begun.headers }),
    })
    resolve()
    expect(await textOf(response)).toContain("summary")
  })

  describe.each(["no headers", "no word of the summary"] as const)("to which a model says %s", (says) => {
    const limits = { runtime_fallback: { first_token_timeout_seconds: 0.02 } }
    const { promise: end, resolve } = Promise.withResolvers<void>()
    const broken = JSON.stringify({ error: { code: 529, message: "Overloaded" } })

    /** Half an answer, once the test lets it come. */
    async function late(): Promise<Response> {
      const answer = ok(delta("a late summary"), broken)
      if (says === "no headers") return end.then(() => answer)
      const bytes = await answer.bytes()
      const body = new ReadableStream<Uint8Array>({
        start: async (controller) => {
          controller.enqueue(new TextEncoder().encode(": keep-alive\n\n"))
          await end
          controller.enqueue(bytes)
          controller.close()
        },
      })
      return new Response(body, { headers: answer.headers })
    }

    test("is the next model's when the time for its first word is over", async () => {
      const world = await compacting({ settings: { ...limits, fallback_models: ["b/1"] } })
      const { text } = await ask(world, [], { send: late })
      expect([text.includes("a summary"), world.calls]).toEqual([true, [asked]])
      expect(world.store.circuit("model:a/own")?.failures).toBe(1)
    })

    test("is waited for where nobody can take over; what then breaks in its middle is the reactive way's", async () => {
      const world = await compacting({ settings: limits })
      const isDecided = (): boolean => world.sessions.get("ses_1").compaction?.turn.inUse.step === "decided"
      const under = ask(world, [], { send: late })
      while (!isDecided()) await new Promise((next) => setImmediate(next))
      resolve()
      expect((await under).text).toContain("a late summary")
      expect([world.calls, ownFaults(world)]).toEqual([[], []])
      expect(world.sessions.get("ses_1").compaction?.turn.inUse.step).toBe("answered")
    })
  })

  test("in a protocol that nobody knows is passed on as it is", async () => {
    const world = await compacting()
    const { text } = await ask(world, [ok("half")], { input: "http://provider/other" })
    expect([text, ...ownFaults(world)]).toEqual(["data: half\n\n"])
  })

  test("that is answered with half a summary breaks: OpenCode would take that for the whole", async () => {
    const world = await compacting()
    expect((await ask(world, [ok(delta("half"))])).text).toBe(
      "broken: CutStreamError: The provider closed the connection before its answer was complete",
    )
    expect([world.calls, ownFaults(world)]).toEqual([[], []])
  })

  test("that is answered with half a summary and an error keeps both: what fails later is the reactive way's", async () => {
    const world = await compacting()
    const frames = [delta("half"), JSON.stringify({ error: { code: 529, message: "Overloaded" } })]
    expect(await ask(world, [ok(...frames)])).toMatchObject({ text: await ok(...frames).text() })
    expect([world.calls, ownFaults(world)]).toEqual([[], []])
  })

  test.each([
    ["an error", [JSON.stringify({ error: { code: 529, type: "overloaded_error", message: "Overloaded" } })]],
    ["nothing", [finish("stop"), "[DONE]"]],
    ["no end", []],
  ])("that is answered with %s and not a word before it fails like any other", async (_, frames) => {
    const world = await compacting()
    // What may be the connection's fault is sent once more first.
    const { status, text } = await ask(world, [ok(...frames), ok(...frames)])
    expect([status, text.includes("a summary"), world.calls.at(-1)]).toEqual([200, true, asked])
  })

  test("whose error in the stream nobody else would help with is passed on with all that came", async () => {
    const world = await compacting()
    const frame = JSON.stringify({ error: { code: 400, message: "max_tokens too large" } })
    expect(await ask(world, [ok(frame)])).toMatchObject({ status: 200, text: `data: ${frame}\n\n` })
    expect(world.calls).toEqual([])
  })

  test("that fails is answered with what a child session says", async () => {
    const world = await compacting()
    const { status, text } = await ask(world, [hour()])
    expect([status, text.includes("a summary")]).toEqual([200, true])
    expect(world.calls).toEqual([asked])
    expect(world.sessions.get("ses_1").compaction?.turn.inUse.step).toBe("decided")
    // It is the child that leaves the model, and says so.
    expect([world.toasts, ownFaults(world)]).toEqual([[], []])
  })

  test("is answered on the chain of the session that compacts, which may be one that was given by hand", async () => {
    const world = await compacting({
      askInChild: ({ onChild }) => {
        onChild("ses_child")
        return Promise.resolve({ type: "answered", text: "a summary" })
      },
    })
    world.sessions.setChain("ses_1", [{ model: "d/1" }])
    await ask(world, [hour()])
    expect(world.sessions.get("ses_child")).toMatchObject({ parentID: "ses_1", chain: [{ model: "d/1" }] })
    // Of the child nothing is left: what happens in it is on record of the session.
    const change = { to: { model: "d/1" as const }, why: {}, skipped: [], durationMs: 1 }
    await world.notices.switched(turnOf({ sessionID: "ses_child" }), change)
    expect(world.store.journal({ limit: 9 })).toMatchObject([{ sessionID: "ses_1", to: "d/1" }])
  })

  test("holds the conversation in the longest of its texts, wherever that stands", async () => {
    const world = await compacting()
    const messages = ["Be brief.", prompt, "Now."].map((content) => ({ role: "user", content, name: null }))
    await ask(world, [hour()], { init: { body: JSON.stringify({ stream: true, messages }) } })
    expect(world.calls).toEqual([asked])
  })

  test("is under way while it is asked, and let go of once another model has answered", async () => {
    const world = await compacting()
    const seen: unknown[] = []
    const send: StepRequest["send"] = async (_, init) => {
      seen.push(world.sessions.get("ses_1").compaction?.turn.inUse.step)
      init?.signal?.addEventListener("abort", () => seen.push("let go of"))
      return hour()
    }
    await ask(world, [], { send })
    expect(seen).toEqual(["in-flight", "let go of"])
  })

  test("is not sent once more when the user has ended it in the meantime", async () => {
    const esc = new AbortController()
    const world = await compacting({ onPause: () => esc.abort() })
    const broken = Object.assign(new Error("reset"), { code: "ECONNRESET" })
    const init = { body: bodyOf(prompt), signal: esc.signal }
    expect(await ask(world, [broken, whole("the summary")], { init })).toMatchObject({ unasked: 1 })
  })

  test("that breaks is sent once more first", async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const world = await compacting({ onPause: () => promise })
    const broken = Object.assign(new Error("reset"), { code: "ECONNRESET" })
    const answers = [() => Promise.reject(broken), () => Promise.resolve(whole("the summary"))]
    const send: StepRequest["send"] = () => (answers.shift() ?? (() => expect.unreachable()))()
    const asking = ask(world, [], { send })
    await new Promise((next) => setImmediate(next))
    expect(world.calls).toEqual([expect.stringMatching(/^pause /)])
    expect(answers).toHaveLength(1)
    resolve()
    expect(await asking).toMatchObject({ status: 200 })
    expect(answers).toHaveLength(0)
  })

  test("is refused with the child's own error where the chain has failed there", async () => {
    const world = await compacting({
      askInChild: () => Promise.resolve({ type: "failed", message: "nobody is left" }),
    })
    expect(await ask(world, [hour()])).toMatchObject({ status: 424, text: expect.stringContaining("nobody") })
    expect(await world.step("msg_2", "a/own", "compaction")).toContain("nobody is left")
  })

  test("is not asked again over the child's own error, which has been through OpenCode's retries in the child", async () => {
    const world = await compacting({
      askInChild: () => Promise.resolve({ type: "failed", message: "Too Many Requests (429)" }),
    })
    const { text } = await ask(world, [hour()])
    const thrown = await world.step("msg_2", "a/own", "compaction")
    expect([text, thrown].map((said = "") => [isAskedAgain(said), said.replaceAll("\u2060", "")])).toEqual([
      [false, expect.stringContaining("Too Many Requests (429)")],
      [false, "Error: Too Many Requests (429)"],
    ])
  })

  test("is not refused where OpenCode has given the request up itself meanwhile: it asks again", async () => {
    const slow = new AbortController()
    const askInChild = async () => {
      slow.abort(Object.assign(new Error("no headers"), { name: "ProviderHeaderTimeoutError" }))
      return { type: "failed", message: "aborted" } as const
    }
    const world = await compacting({ askInChild })
    const { signal } = slow
    expect(await ask(world, [hour()], { init: { body: bodyOf(prompt), signal } })).toMatchObject({
      status: 429,
    })
    expect(await world.step("msg_2", "a/own", "compaction")).toBeUndefined()
  })

  test("is refused with the reason where nobody is left for hours, and that is told", async () => {
    const world = await compacting({ settings: {} })
    const { status, text } = await ask(world, [hour()])
    expect([status, text.includes("a/own")]).toEqual([424, true])
    expect(world.calls).toEqual([])
    expect(world.toasts).toMatchObject([{ variant: "error" }])
    expect(world.sessions.get("ses_1").compaction?.turn.inUse.step).toBe("decided")
  })

  test("is left to OpenCode's own retries where somebody may soon be back, and not for hours", async () => {
    const world = await compacting()
    for (const model of ["b/1", "c/1"] as const)
      await world.failover.judge(
        { ...(world.turn() ?? expect.unreachable()), inUse: { model, requests: 1 } },
        { provider: model.slice(0, 1), status: 503 },
        undefined,
      )
    // It has named a time: when OpenCode asks again it is not sent, and told the same.
    for (const unasked of [0, 1]) {
      const answer = await ask(world, [failed(503, "down", { "retry-after": "3600" })])
      expect(answer).toMatchObject({ status: 503, unasked, text: expect.stringContaining("down") })
      expect([answer.headers.get("retry-after"), world.calls]).toEqual([null, []])
      expect(world.sessions.get("ses_1").compaction?.turn.inUse.step).toBe("decided")
      world.pass(20_000)
    }
    expect(world.toasts).toHaveLength(1)
  })

  test.each<[string, Response, Partial<StepRequest>]>([
    ["with a failure that nobody else would help with", failed(400, "max_tokens too large"), {}],
    ["that holds the conversation in many texts", hour(), { init: { body: bodyOf("one", "two", "three") } }],
    ["in a protocol that nobody knows", hour(), { input: "http://provider/other" }],
    ["that the user has ended", hour(), { init: { body: bodyOf(prompt), signal: AbortSignal.abort() } }],
  ])("%s is left to OpenCode", async (_, failure, more) => {
    const world = await compacting()
    const { status } = await ask(world, [failure], more)
    expect([status, world.calls, ownFaults(world)]).toEqual([failure.status, [], []])
  })

  test("is left to OpenCode when we are off", async () => {
    const world = await compacting()
    world.sessions.patch("ses_1", { off: true })
    expect(await ask(world, [hour()])).toMatchObject({ status: 429 })
    expect(await ask(world, [ok(delta("half"))])).toMatchObject({
      text: expect.stringMatching(/^data: .*half/),
    })
    expect(world.calls).toEqual([])
  })

  test("is left to the reactive way, and the log says so, where the child cannot be asked", async () => {
    const world = await compacting({ askInChild: () => Promise.reject(new Error("a slip")) })
    expect(await ask(world, [hour()])).toMatchObject({ status: 429 })
    expect(ownFaults(world).join()).toContain("a slip")
    await world.retry("rate limited", 3_600_000)
    expect(world.calls.slice(-2)).toEqual(["abort", "summarize b/1 and go on"])
  })
})
