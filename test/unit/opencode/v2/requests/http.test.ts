/** What goes over the wire for a step: what is sent, what OpenCode gets, and what is kept until it asks. */
import { describe, expect, test } from "bun:test"
import type { Failover, Judgement } from "../../../../../src/failover/failover.ts"
import { createNextMove } from "../../../../../src/failover/next-move.ts"
import type { HttpRequestEvent, RequestKind } from "../../../../../src/opencode/v2/host/context.ts"
import { createHttpHooks, type HttpDeps } from "../../../../../src/opencode/v2/requests/http.ts"
import { createOwnRequests } from "../../../../../src/opencode/v2/requests/own-requests.ts"
import { createSteps } from "../../../../../src/opencode/v2/requests/steps.ts"
import { CutStreamError } from "../../../../../src/transport/stream-failure.ts"
import { createSessions } from "../../../../../src/turn/sessions.ts"
import {
  announce,
  beginTurn,
  exhaust,
  switchTo,
  type Transition,
} from "../../../../../src/turn/transitions.ts"
import { answer, failure, retryEvent, sse } from "../world.ts"

const needs = { images: false, pdf: false, tools: false, contextTokens: 0 }
const to = { do: "switch", to: { model: "b/1" }, skipped: [] } as const
const nobody = { do: "exhausted", why: "no-model-left", skipped: [], mayRecover: false } as const
const verdict = { kind: "timeout", scope: "model", rule: "test" } as const

type Given = {
  readonly hasTurn?: boolean
  readonly keepsOwn?: boolean
  readonly change?: readonly Transition[]
  readonly enabled?: boolean
  readonly isDown?: boolean
  readonly isStuck?: boolean
  readonly successor?: Judgement["decision"]
  readonly foreseen?: Judgement
  readonly refusal?: string
  readonly firstTokenMs?: number
  readonly hasKeys?: boolean
  /** Of the step that is under way; OpenCode has asked about it last. */
  readonly attempt?: number
  readonly send?: (request: Request) => Promise<Response>
}

function http(given: Given = {}) {
  const calls: string[] = []
  const foreseen: unknown[] = []
  const limited: string[] = []
  const asked: unknown[] = []
  const steps = createSteps()
  if (given.attempt !== undefined) steps.asked({ ...retryEvent("s", "a/1"), attempt: given.attempt })
  const sessions = createSessions((what) => void calls.push(`refused ${what}`))
  const { keepsOwn = false } = given
  const own = { model: "a/1", variant: undefined } as const
  const turn = beginTurn({ sessionID: "s", messageID: "m", agent: "build", own, needs, keepsOwn })
  if (given.hasTurn !== false)
    sessions.open((given.change ?? []).reduce((now, change) => change(now) ?? now, turn))
  const failover: Partial<Failover> = {
    enabled: () => given.enabled !== false,
    tryProbe: ({ sessionID, model }) => {
      calls.push(`probe ${sessionID} ${model}`)
      return given.isDown === true ? { why: "cooling-down", kind: "rate_limit", until: 60_000 } : undefined
    },
    endProbe: () => undefined,
    successor: () => Promise.resolve(given.successor ?? to),
    foresee: (_, seen, repeats) => {
      foreseen.push([seen.name ?? seen.status, repeats])
      return Promise.resolve(given.foreseen ?? { verdict, decision: to })
    },
  }
  const note = (name: string) => (): void => void calls.push(name)
  const hooks = createHttpHooks({
    failover,
    nextMove: {
      withoutAsking: createNextMove({
        failover: failover as Failover,
        refusalText: () => Promise.resolve(""),
        host: { log: () => undefined },
        mostWaitMs: undefined,
        now: () => 0,
      }).withoutAsking,
      foreseenRefusal: (_turn: unknown, _judgement: unknown, asksAgain: unknown) => {
        asked.push(asksAgain)
        return Promise.resolve(given.refusal)
      },
    },
    sessions,
    loans: { isStuck: () => given.isStuck === true, owed: () => undefined },
    steps,
    ownRequests: createOwnRequests((request) => {
      calls.push("sent by us")
      return given.send?.(request) ?? Promise.resolve(answer("by us"))
    }),
    compactions: { onRequest: note("compaction") },
    titles: { onRequest: note("title"), onResponse: async () => note("title answered")() },
    faults: {
      guardAsync: async (run: () => Promise<unknown>) => run(),
      guard: (run: () => unknown) => run(),
      log: note("fault"),
    },
    timeouts: () => ({ firstTokenMs: given.firstTokenMs ?? 0, stallMs: 0, bytesMs: 0 }),
    hasKeys: () => given.hasKeys === true,
    limits: { seen: ({ account }: { account: string }) => void limited.push(account) },
    now: () => 0,
  } as unknown as HttpDeps)
  const step = (kind: RequestKind, model: string) => ({
    sessionID: "s",
    agent: "build",
    model: { id: "1", providerID: model },
    kind,
  })
  return {
    calls,
    foreseen,
    asked,
    limited,
    sessions,
    taken: () => steps.asked(retryEvent("s", "a/1"))?.evidence,
    request: async (kind: RequestKind = "primary", model = "a"): Promise<HttpRequestEvent> => {
      const request = new Request("https://x.test/v1/chat/completions", { method: "POST", body: "{}" })
      const event = { ...step(kind, model), request }
      await hooks.onRequest(event)
      return event
    },
    respond: async (
      response: Response,
      kind: RequestKind = "primary",
      request = new Request("https://x.test/v1/chat/completions"),
    ): Promise<Response> => {
      const event = { ...step(kind, "a"), request, response }
      await hooks.onResponse(event)
      return event.response
    },
  }
}

const lent = switchTo({ model: "b/1", variant: undefined }, {})
const isOurs = ({ request }: HttpRequestEvent): boolean => request.url.startsWith("data:")

describe("a request", () => {
  for (const [kind, given, calls] of [
    ["compaction", {}, ["compaction"]],
    ["title", {}, ["title"]],
    ["generate", {}, []],
    ["primary", {}, ["probe s a/1"]],
    ["primary", { hasTurn: false }, []],
    ["primary", { enabled: false }, []],
  ] as const)
    test(`of the kind ${kind} with ${JSON.stringify(given)}: ${calls.join() || "nothing"}`, async () => {
      const world = http(given)
      expect(isOurs(await world.request(kind))).toBe(false)
      expect(world.calls).toEqual([...calls])
    })

  for (const [what, given, isRefused] of [
    ["a model that is well", {}, false],
    ["one that is down", { isDown: true }, true],
    ["one that is down, and nobody else is there", { isDown: true, successor: nobody }, false],
    ["one that is down, in a session that cannot be switched", { isDown: true, isStuck: true }, false],
    ["one that is down, of a turn whose chain was spent", { isDown: true, change: [exhaust("x")] }, true],
    ["one that is down, and is not the one in use", { isDown: true, change: [lent] }, false],
    ["the own one that the user insists on", { isDown: true, keepsOwn: true }, false],
  ] as const)
    test(`to ${what} is ${isRefused ? "not " : ""}sent`, async () => {
      const world = http(given)
      const event = await world.request()
      expect(isOurs(event)).toBe(isRefused)
      if (!isRefused) return expect(world.taken()).toBeUndefined()
      const response = await world.respond(new Response("{}"), "primary", event.request)
      expect(response.status).toBe(503)
      expect(await response.text()).toContain("a/1 was not asked: ")
      expect(world.taken()).toEqual({ saw: "known-down" })
    })

  test("to a stand-in is refused even where the user insists on the own model", async () => {
    const world = http({ isDown: true, keepsOwn: true, change: [lent] })
    expect(isOurs(await world.request("primary", "b"))).toBe(true)
  })
})

describe("an answer", () => {
  test("tells of limits, where it is one of the provider to a step", async () => {
    const world = http()
    await world.respond(answer("well"))
    await world.respond(failure(500))
    await world.respond(answer("well"), "compaction")
    expect(world.limited).toEqual(["a", "a"])
  })

  test("to what we have sent ourselves tells of limits where it was sent: there the key is known", async () => {
    const world = http({ hasKeys: true })
    const { request } = await world.request()
    expect((await world.respond(answer("nobody's"), "primary", request)).ok).toBe(true)
    expect([world.calls.at(-1), world.limited]).toEqual(["sent by us", []])
  })

  test("that is none of ours is passed on as it is", async () => {
    for (const [given, kind] of [
      [{}, "generate"],
      [{}, "compaction"],
      [{ enabled: false }, "primary"],
      [{ hasTurn: false }, "primary"],
    ] as const) {
      const world = http(given)
      const response = failure(500)
      expect(await world.respond(response, kind)).toBe(response)
      expect([world.taken(), world.calls]).toEqual([undefined, []])
    }
  })

  test("for a title is the titles' own", async () => {
    const world = http()
    await world.respond(failure(500), "title")
    expect(world.calls).toEqual(["title answered"])
  })

  test("with an error status is kept with its headers and body, and bounded", async () => {
    const world = http()
    const response = failure(429, { error: "x" }, { "retry-after": "9" })
    const given = await world.respond(response)
    expect(given).not.toBe(response)
    expect([given.status, await given.text()]).toEqual([429, '{"error":"x"}'])
    expect(world.taken()).toMatchObject({
      saw: "failure",
      began: false,
      failure: { status: 429, body: '{"error":"x"}', headers: { "retry-after": "9" } },
    })
  })

  test("that OpenCode would not ask about is changed into one that says who cannot go on", async () => {
    const world = http({ foreseen: { verdict: { ...verdict, kind: "context_overflow" }, decision: to } })
    const given = await world.respond(failure(400))
    expect([given.status, await given.json()]).toEqual([503, { error: { message: "a/1 cannot go on" } }])
    expect(world.taken()).toMatchObject({ failure: { status: 400 } })
  })

  test("after which nobody is left says so: OpenCode shows and prints its words", async () => {
    const world = http({ refusal: "No model is left.", change: [announce("build"), announce("build")] })
    const given = await world.respond(failure(401, { error: "a dead key" }))
    expect([given.status, await given.json()]).toEqual([401, { error: { message: "No model is left." } }])
    expect(world.taken()).toMatchObject({ failure: { status: 401, body: '{"error":"a dead key"}' } })
    expect(world.foreseen).toEqual([[401, 1]])
  })

  test("that breaks with an error after which nobody is left says so; one of a model left meanwhile does not", async () => {
    const errorFrame = 'data: {"error":{"message":"a dead key"}}\n\n'
    const said = async (given: Given): Promise<string> =>
      (await http(given).respond(sse(errorFrame))).text().catch(String)
    const foreseen = { verdict, decision: nobody }
    expect(await said({ foreseen, refusal: "no model is left" })).toContain("no model is left")
    const empty = await http({ foreseen, refusal: "no model is left" }).respond(answer(""))
    expect(await empty.text().catch(String)).toContain("no model is left")
    expect(await said({ foreseen })).toBe(errorFrame)
    expect(await said({ foreseen, refusal: "no model is left", change: [lent] })).toBe(errorFrame)
    expect(await said({ foreseen, refusal: "no model is left", hasTurn: false })).toBe(errorFrame)
    const status = http({ foreseen, refusal: "no model is left", change: [lent] })
    expect(await (await status.respond(failure(401, { error: "dead" }))).text()).toContain("dead")
  })

  test("of a protocol that we do not read is passed on as it is", async () => {
    const response = answer("x")
    expect(await http().respond(response, "primary", new Request("https://x.test/v1/unknown"))).toBe(response)
  })

  test("is asked for as often as there were requests, where nothing stands in it", async () => {
    const world = http({ change: [announce("build"), announce("build"), announce("build")] })
    const empty: unknown = await (await world.respond(answer(""))).text().catch((error: unknown) => error)
    expect(empty).toBeInstanceOf(CutStreamError)
    await (await world.respond(sse("data: {"))).text().catch(() => undefined)
    expect(world.foreseen).toEqual([
      ["EmptyAnswerError", 2],
      ["CutStreamError", 2],
    ])
    const before = http()
    await (await before.respond(answer(""))).text().catch(() => undefined)
    expect(before.foreseen).toEqual([["EmptyAnswerError", 0]])
  })

  test("that calls a tool in a session deleted meanwhile is passed on", async () => {
    const world = http()
    const call = '{"index":0,"id":"c","type":"function","function":{"name":"t","arguments":"{}"}}'
    const choice = `{"index":0,"delta":{"tool_calls":[${call}]},"finish_reason":"tool_calls"}`
    const response = await world.respond(sse(`data: {"choices":[${choice}]}\n\ndata: [DONE]\n\n`))
    world.sessions.forget("s")
    expect(await response.text()).toContain('"finish_reason":"tool_calls"')
    expect([world.taken(), world.calls]).toEqual([undefined, []])
  })

  test("in text says nothing of tools", async () => {
    const world = http()
    expect(await (await world.respond(answer("x"))).text()).toContain('"x"')
    expect(world.sessions.turn("s")?.hasRunTool).toBeUndefined()
    expect([world.taken(), world.calls]).toEqual([undefined, []])
  })
})

describe("what we send ourselves", () => {
  const sent = async (given: Given) => {
    const world = http(given)
    const event = await world.request()
    expect(isOurs(event)).toBe(true)
    return { ...world, response: await world.respond(new Response("{}"), "primary", event.request) }
  }
  const slow = (): Promise<Response> => new Promise((resolve) => setTimeout(() => resolve(answer("slow")), 5))

  test("is waited for without a limit where none is set", async () => {
    const { response, taken } = await sent({ hasKeys: true, send: slow })
    expect(await response.text()).toContain("slow")
    expect(taken()).toBeUndefined()
  })

  test("is left after the limit, with what is known of it", async () => {
    let aborted = false
    const send = ({ signal }: Request): Promise<Response> => {
      signal.addEventListener("abort", () => void (aborted = true))
      return new Promise(() => undefined)
    }
    const { response, taken } = await sent({ firstTokenMs: 1, send })
    expect([response.status, await response.json()]).toEqual([
      504,
      { error: { message: "no answer has begun within 0.001 s" } },
    ])
    expect(aborted).toBe(true)
    expect(taken()).toMatchObject({ saw: "failure", began: false, failure: { name: "TimeoutError" } })
  })

  test("that breaks is kept with its error", async () => {
    const error = Object.assign(new Error("the line broke"), { code: "ECONNRESET" })
    const { response, taken } = await sent({ hasKeys: true, send: () => Promise.reject(error) })
    expect(response.status).toBe(502)
    const seen = taken()
    expect(seen).toMatchObject({ saw: "failure", began: false, failure: { message: "the line broke" } })
    expect(seen?.saw === "failure" && seen.failure.status).toBeUndefined()
  })

  const refused = { refusal: "No model is left.", foreseen: { verdict, decision: nobody } }

  test("is also the last request that OpenCode makes for a step: a connection that breaks has no words to change", async () => {
    expect(isOurs(await http({ attempt: 9 }).request())).toBe(false)
    const { response, taken, asked, foreseen } = await sent({
      ...refused,
      attempt: 10,
      send: () => Promise.reject(new Error("refused")),
    })
    expect([response.status, await response.json()]).toEqual([
      502,
      { error: { message: "No model is left." } },
    ])
    expect(taken()).toMatchObject({ failure: { message: "refused" } })
    expect([asked, foreseen]).toEqual([["never"], [[undefined, undefined]]])
  })

  test("and is silent where nobody is left says so after the limit", async () => {
    const send = (): Promise<Response> => new Promise(() => undefined)
    const { response } = await sent({ ...refused, firstTokenMs: 1, send })
    expect([response.status, await response.json()]).toEqual([
      504,
      { error: { message: "No model is left." } },
    ])
  })

  test("that fails is kept as the provider's failure", async () => {
    const { response, taken } = await sent({ hasKeys: true, send: () => Promise.resolve(failure(402)) })
    expect(response.status).toBe(402)
    expect(taken()).toMatchObject({ saw: "failure", failure: { status: 402 } })
  })
})
