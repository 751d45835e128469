/** Whole turns through version 2's hooks, with OpenCode played by the rules of 2.0.15. */
import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../../src/config/schema.ts"
import { heldCircuit } from "../../../../src/core/circuit.ts"
import type { ModelKey } from "../../../../src/core/model-ref.ts"
import type { RetryDecision, RetryEvent } from "../../../../src/opencode/v2/host/context.ts"
import { referenceTo } from "../../../../src/opencode/v2/host/model-reference.ts"
import { parentMetadata } from "../../../../src/opencode/v2/lending/session-model.ts"
import { categoryRegistry } from "../../../../src/turn/category-registry.ts"
import { catalogOf } from "../../catalog-of.ts"
import {
  address,
  answer,
  failure,
  makeWorld,
  type Provider,
  retryEvent,
  sse,
  unreadAddress,
  usual,
  type World,
} from "./world.ts"

const runtime = (more: SettingsInput["runtime_fallback"]): SettingsInput => ({
  ...usual,
  runtime_fallback: { ...more },
})

/** A session on `a/1` with a prompt. */
async function prompted(
  settings: SettingsInput = usual,
  more: Parameters<typeof makeWorld>[0] = {},
): Promise<World> {
  const world = makeWorld({ settings, ...more })
  world.open("s", "a/1")
  // OpenCode makes its first request of all before a session without a model is known.
  await world.prompt("s")
  return world
}

/** A session in the middle of a turn on `a/1`, after another session has met that model's rate limit. */
async function rateLimitedElsewhere(): Promise<World> {
  const world = await prompted()
  await world.step("s", {})
  world.open("t", "a/1")
  await world.prompt("t")
  await world.step("t", { "a/1": () => failure(429) })
  return world
}

/** The same answer, whose body begins so many milliseconds after its headers. */
function after(ms: number, { body, headers }: Response): Response {
  const late = new ReadableStream({
    start: async (controller) => {
      await Bun.sleep(ms)
      for await (const chunk of body ?? []) controller.enqueue(chunk)
      controller.close()
    },
  })
  // Without an address nobody knows its protocol.
  return Object.defineProperty(new Response(late, { headers }), "url", { value: address })
}

describe("a failed step", () => {
  const failures: readonly (readonly [what: string, provider: Provider, asked: readonly string[]])[] = [
    ["429", () => failure(429), ["a/1", "b/1"]],
    ["a dead key", () => failure(401), ["a/1", "b/1"]],
    [
      "an overload in the stream",
      () => sse('data: {"error":{"message":"overloaded","type":"overloaded_error"}}\n\n'),
      ["a/1", "b/1"],
    ],
    ["500 is asked once more", () => failure(500), ["a/1", "a/1", "b/1"]],
    [
      "a reset is asked once more",
      () => Object.assign(new Error("reset"), { code: "ECONNRESET" }),
      ["a/1", "a/1", "b/1"],
    ],
    ["nothing in the answer", () => answer(""), ["a/1", "a/1", "b/1"]],
    [
      "a cut text is not asked again",
      () => sse('data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n'),
      ["a/1", "b/1"],
    ],
  ]
  for (const [what, provider, asked] of failures)
    test(`${what}: the next model goes on inside the step`, async () => {
      const world = await prompted()
      const step = await world.step("s", { "a/1": provider })
      expect(step).toMatchObject({ model: "b/1", outcome: "answered", asked })
      expect(step.delays.at(-1)).toBe(0)
      await world.end("s")
      expect(world.modelOf("s")).toBe("a/1")
      expect(world.store.session("s")).toMatchObject({ own: "a/1", inUse: "b/1" })
      expect(world.store.session("s")?.lent).toBeUndefined()
      expect(world.switches).toEqual(["b/1", "a/1"])
      expect(
        world.logs.filter((line) => line.includes("internal error") || line.includes("refused")),
      ).toEqual([])
    })

  test("each model is asked again as often as is allowed, while OpenCode will ask long enough", async () => {
    const broken = (): Response => failure(500)
    const world = await prompted()
    const step = await world.step("s", { "a/1": broken, "b/1": broken })
    expect(step.asked).toEqual(["a/1", "a/1", "b/1", "b/1", "c/1"])
    const patient = await prompted(runtime({ same_model_retries: { server_error: 5 } }))
    const { asked } = await patient.step("s", { "a/1": broken, "b/1": broken })
    expect(asked).toEqual(["a/1", "a/1", "a/1", "a/1", "a/1", "a/1", "b/1", "c/1"])
  })

  test("a request that the provider refuses for itself is left to OpenCode, in its words", async () => {
    const world = await prompted()
    const step = await world.step("s", { "a/1": () => failure(400, { error: { message: "no such field" } }) })
    expect(step).toMatchObject({ outcome: "failed", asked: ["a/1"] })
    expect(step.text).toContain("no such field")
    expect(world.logs.join()).toContain("left to OpenCode: a/1 bad_request")
    expect(world.switches).toEqual([])
  })

  test("the chain is walked to its end, and one error says everything", async () => {
    const world = await prompted()
    const hour = (): Response => failure(429, {}, { "retry-after": "3600" })
    const step = await world.step("s", { "a/1": hour, "b/1": hour, "c/1": hour })
    expect(step.asked).toEqual(["a/1", "b/1", "c/1"])
    expect(step.outcome).toBe("failed")
    for (const model of ["a/1", "b/1", "c/1"]) expect(step.text).toContain(model)
    expect(world.modelOf("s")).toBe("a/1")
    expect(world.toasts).toHaveLength(3)
    // The turn has ended: whatever OpenCode asks after that gets the same answer, and nobody is asked.
    expect((await world.step("s", { "a/1": hour })).text).toBe(step.text)
  })

  test("where somebody may be well soon, OpenCode's own retries continue, on the user's own model, in short pauses", async () => {
    const world = await prompted()
    const down = (): Response => failure(503)
    const step = await world.step("s", { "a/1": down, "b/1": down, "c/1": down })
    expect(step.asked.slice(0, 4)).toEqual(["a/1", "b/1", "c/1", "a/1"])
    expect(Math.max(...step.delays)).toBeLessThanOrEqual(15_000)
    // In the place of OpenCode's last try, whose failure would be all that people see.
    expect(step.asked).toHaveLength(10)
    for (const model of ["a/1", "b/1", "c/1"]) expect(step.text).toContain(model)
  })

  test("where each has said when it is back, OpenCode asks again once the first of them is", async () => {
    const world = await prompted()
    const inSeconds = (seconds: number) => (): Response => failure(429, {}, { "retry-after": `${seconds}` })
    const later: Provider[] = [inSeconds(60), inSeconds(30)]
    const step = await world.step("s", {
      "a/1": inSeconds(120),
      "b/1": () => later.shift()?.() ?? answer("well again"),
      "c/1": inSeconds(300),
    })
    expect(step).toMatchObject({ text: "well again", asked: ["a/1", "b/1", "c/1", "b/1", "b/1"] })
    expect(step.delays).toEqual([0, 0, 60_000, 0, 30_000, 0])
    expect(world.toasts.filter(({ message }) => message.includes("No other model is left"))).toHaveLength(1)
  })

  test("a wait that the settings allow is taken, and the chain walked anew", async () => {
    const world = await prompted(runtime({ when_exhausted: "wait", max_wait_seconds: 60 }))
    let asked = 0
    const soon = (): Response => failure(429, {}, { "retry-after": "30" })
    const own: Provider = () => {
      asked += 1
      if (asked === 1) return soon()
      world.at(31_000)
      return answer("back again")
    }
    const step = await world.step("s", { "a/1": own, "b/1": soon, "c/1": soon })
    expect(step.delays.slice(0, 3)).toEqual([0, 0, expect.any(Number)])
    expect(step.delays[2]).toBeGreaterThan(20_000)
  })

  test("switched off, nothing is done", async () => {
    const world = await prompted(runtime({ enabled: false }))
    const step = await world.step("s", { "a/1": () => failure(401) })
    expect(step).toMatchObject({ outcome: "failed", asked: ["a/1"], model: "a/1" })
    expect(world.logs).toEqual([])
  })

  test("a prompt that joins the turn names the own model, as the terminal does: the fallback goes on", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    await world.select("s", { providerID: "a", id: "1" })
    expect(world.modelOf("s")).toBe("b/1")
    expect(await world.answers.loan("s")).toMatchObject({ own: { providerID: "a" } })
    await world.end("s")
    expect(world.switches).toEqual(["b/1", "b/1", "a/1"])
    expect(await world.answers.loan("s")).toBeNull()
  })

  test("a step that begins before that prompt's switch is answered asks the own model no more", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    // OpenCode tells of it later.
    world.open("s", "a/1")
    expect(await world.step("s", {})).toMatchObject({ asked: ["b/1"], outcome: "answered", delays: [0] })
    await world.onEvent({
      type: "session.model.selected",
      data: { sessionID: "s", model: { providerID: "a", id: "1" } },
    })
    await world.end("s")
    expect(world.switches).toEqual(["b/1", "b/1", "a/1"])
    expect(world.store.journal({ limit: 9, sessionID: "s" })).toHaveLength(1)
  })

  test("where the fallback is kept, the own model is a choice like any other", async () => {
    const world = await prompted(runtime({ restore_primary: "never" }))
    await world.step("s", { "a/1": () => failure(429) })
    world.open("s", "a/1")
    expect((await world.step("s", {})).asked).toEqual(["a/1"])
    await world.select("s", { providerID: "a", id: "1" })
    expect(world.modelOf("s")).toBe("a/1")
  })

  test("a session that somebody has switched meanwhile is asked there, and stays there", async () => {
    const world = await prompted()
    const step = await world.step("s", {
      "a/1": async () => {
        await world.select("s", { id: "1", providerID: "user" })
        return failure(401)
      },
    })
    expect(step).toMatchObject({
      model: "user/1",
      asked: ["a/1", "user/1"],
      outcome: "answered",
      delays: [0],
    })
    await world.end("s")
    expect(world.modelOf("s")).toBe("user/1")
    expect(world.switches).toEqual([])
  })

  test("the user's own change on top of ours wins as well", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    await world.select("s", { id: "1", providerID: "user" })
    await world.end("s")
    expect(world.modelOf("s")).toBe("user/1")
  })

  test("the own model, picked again while another stands in, is not asked while it cools down, and its failure is nobody else's", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429), "b/1": () => failure(429) })
    for (const providerID of ["user", "a"]) await world.select("s", { id: "1", providerID })
    expect(world.sessions.turn("s")).toMatchObject({ own: { model: "a/1" }, inUse: { model: "a/1" } })
    const step = await world.step("s", { "a/1": () => failure(429) })
    expect(step).toMatchObject({ model: "c/1", asked: ["c/1"] })
    expect(world.store.circuits().map(({ key }) => key)).toEqual(["model:a/1", "model:b/1"])
  })

  test("the own model, named again by a prompt that joins its turn, changes nothing of that", async () => {
    const world = await prompted()
    await world.step("s", {})
    const before = world.sessions.turn("s")
    await world.select("s", { id: "1", providerID: "a" })
    expect(world.sessions.turn("s")).toStrictEqual(before)
  })

  test("of a session without any model is OpenCode's alone", async () => {
    const world = makeWorld({ defaultModel: undefined })
    const event = retryEvent("s", "a/1")
    await world.hooks.retry?.(event)
    expect(event.decision).toEqual({ retry: true, delay: 5 })
    expect(world.logs).toEqual([])
    expect(await world.answers.command("s", "")).toBe("OpenCode has no model for this session.")
  })

  test("a session that is switched off in the middle gets OpenCode's own retries", async () => {
    const world = await prompted()
    const step = await world.step("s", {
      "a/1": () => {
        world.sessions.patch("s", { off: true })
        return failure(401)
      },
    })
    expect(step).toMatchObject({ outcome: "failed", asked: ["a/1"] })
    expect(world.switches).toEqual([])
  })

  test("a subagent of a session that is switched off gets OpenCode's own retries", async () => {
    const world = await prompted()
    world.sessions.patch("s", { off: true })
    world.open("child", "a/1", { parentID: "s" })
    world.open("delegated", "a/1", { metadata: parentMetadata("s") })
    for (const child of ["child", "delegated"]) {
      await world.prompt(child)
      const step = await world.step(child, { "a/1": () => failure(401) })
      expect(step).toMatchObject({ outcome: "failed", asked: ["a/1"] })
    }
  })

  test("OpenCode that does not switch gets its own failure, and its requests through", async () => {
    const world = await prompted()
    world.refuseSwitches(true)
    const step = await world.step("s", { "a/1": () => failure(401) })
    expect(step).toMatchObject({ outcome: "failed", asked: ["a/1"] })
    expect(world.logs.join()).toContain("OpenCode does not switch")
    // Known to be down, but stuck: asked nevertheless.
    expect((await world.step("s", {})).asked).toEqual(["a/1"])
  })

  test("OpenCode that says nothing of its session gets its own retry, and that request through", async () => {
    const world = await rateLimitedElsewhere()
    world.answerNothing(true)
    const step = await world.step("s", {})
    expect(step).toMatchObject({ outcome: "answered", asked: ["a/1"], delays: [2_000] })
    expect(world.logs.join()).toContain("OpenCode does not answer")
  })

  test("a model that was known to be down, and is well when OpenCode asks, is OpenCode's to ask again", async () => {
    const world = await rateLimitedElsewhere()
    const refused = await world.request("s", "primary", "a/1", () => answer("never asked"))
    expect(refused.isSent).toBe(false)
    world.at(120_000)
    const event = retryEvent("s", "a/1", "provider.unknown")
    await world.hooks.retry?.(event)
    expect(event.decision).toEqual({ retry: true, delay: 5 })
    expect(world.modelOf("s")).toBe("a/1")
    expect(world.logs.filter((line) => line.includes("internal error"))).toEqual([])
  })

  test("a fallback that OpenCode cannot hand the PDF is passed over, and remembered", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s")
    await world.prompt("s")
    const event = retryEvent("s", "b/1", "provider.invalid-request")
    event.error.message = "OpenAI Chat does not support media type application/pdf"
    await world.hooks.retry?.(event)
    expect(world.modelOf("s")).toBe("c/1")
    expect(world.logs).toContain("without PDF: b/1")
    // A provider's own words say nothing of the protocol.
    await world.step("s", {
      "c/1": () => failure(400, { error: { message: event.error.message } }),
    })
    expect(world.logs).not.toContain("without PDF: c/1")
  })

  test("a variant and the parameters of the entry go along", async () => {
    const entry = { model: "b/1", variant: "high", temperature: 0.2, top_p: 0.9, max_tokens: 50 }
    const world = await prompted({ agents: { build: { fallback_models: [entry] } } })
    await world.step("s", { "a/1": () => failure(429) })
    const options = async (providerID: string): Promise<unknown> => {
      const event = { sessionID: "s", agent: "build", model: { id: "1", providerID }, options: {} }
      await world.hooks.context?.(event)
      return event.options
    }
    expect(await options("b")).toEqual({ temperature: 0.2, topP: 0.9, maxTokens: 50 })
    expect(await options("a")).toStrictEqual({})
    expect(await options("c")).toStrictEqual({})
    expect(world.loans.of("s")?.inUse).toEqual({ id: "1", providerID: "b", variant: "high" })
  })
})

describe("a prompt that joins a run", () => {
  const dead = (): Response => failure(401)

  /** The run comes to its end without having taken the prompt up, and OpenCode runs again for it. */
  async function missedItsRun(world: World, outcome: string): Promise<void> {
    await world.join("s")
    await world.end("s", outcome)
    await world.run("s")
  }

  test("of a run that fails, it is a turn of its own, with the whole chain", async () => {
    const world = await prompted()
    const first = await world.step("s", { "a/1": dead, "b/1": dead, "c/1": dead })
    expect(first.outcome).toBe("failed")
    await missedItsRun(world, "failed")
    let asked = 0
    const second = await world.step("s", {
      "a/1": () => {
        asked += 1
        return asked < 3 ? failure(503) : answer("well again")
      },
    })
    expect(second).toMatchObject({ outcome: "answered", text: "well again" })
  })

  test("of a run that has left a model, that one is tried again", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429), "b/1": () => failure(429) })
    await missedItsRun(world, "succeeded")
    world.at(3_600_000)
    const second = await world.step("s", { "a/1": () => failure(429) })
    expect(second).toMatchObject({ asked: ["a/1", "b/1"], outcome: "answered" })
  })

  test("of a session whose stand-in is to stay, it begins on that", async () => {
    const world = await prompted(runtime({ restore_primary: "never" }))
    await world.step("s", { "a/1": () => failure(429) })
    await missedItsRun(world, "succeeded")
    expect((await world.step("s", {})).asked).toEqual(["b/1"])
    expect(world.sessions.turn("s")?.own.model).toBe("a/1")
  })

  test("a prompt after the end keeps the turn that it has begun", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s")
    await world.prompt("s")
    expect(world.sessions.turn("s")?.tried.map(({ model }) => model)).toEqual(["a/1"])
  })
})

describe("a variant that the next model does not have", () => {
  const catalog = catalogOf({ "a/1": { variants: ["high", "xhigh"] }, "b/1": { variants: ["high"] } })
  const settings = (entry: string | object) =>
    ({ agents: { build: { fallback_models: [entry] } } }) as SettingsInput

  test.each<[string, string | object, string | undefined, string | undefined]>([
    ["the user's, on a model that has it", "b/1", "high", "high"],
    ["the user's, on a model that has not", "b/1", "xhigh", undefined],
    ["the entry's", { model: "b/1", variant: "hihg" }, "high", undefined],
  ])("is left out: %s", async (_, entry, variant, used) => {
    const world = makeWorld({ settings: settings(entry), catalog })
    world.open("s", "a/1", { model: { id: "1", providerID: "a", variant } })
    await world.prompt("s")
    expect((await world.step("s", { "a/1": () => failure(429) })).outcome).toBe("answered")
    expect(world.loans.of("s")?.inUse).toEqual({ id: "1", providerID: "b", ...(used && { variant: used }) })
    await world.end("s")
    await world.prompt("s")
    expect(world.loans.of("s")?.inUse).toEqual({ id: "1", providerID: "b", ...(used && { variant: used }) })
  })

  test("nor of a compaction", async () => {
    const entry = { model: "b/1", variant: "hihg" }
    const world = makeWorld({ settings: settings(entry), catalog, generated: { "b/1": "the summary" } })
    world.open("s", "a/1")
    await world.prompt("s")
    await world.step("s", { "a/1": () => failure(429) })
    const compaction = {
      sessionID: "s",
      agent: "build",
      model: { id: "1", providerID: "a" },
      system: undefined,
      messages: [{ role: "user", content: "what was said" }],
      result: undefined as { readonly summary: string } | undefined,
    }
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toEqual({ summary: "the summary" })
  })
})

test("an entry without parameters adds none", async () => {
  const world = await prompted()
  await world.step("s", { "a/1": () => failure(429) })
  const event = { sessionID: "s", agent: "build", model: { id: "1", providerID: "b" }, options: {} }
  await world.hooks.context?.(event)
  expect(event.options).toStrictEqual({})
})

describe("a model that is known to be down", () => {
  async function down(settings: SettingsInput = usual): Promise<World> {
    const world = await prompted(settings)
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s")
    return world
  }

  test("gets no request from the next prompt, and is given back after it", async () => {
    const world = await down()
    await world.prompt("s")
    expect(world.modelOf("s")).toBe("b/1")
    expect((await world.step("s", {})).asked).toEqual(["b/1"])
    await world.end("s")
    expect(world.modelOf("s")).toBe("a/1")
  })

  test("comes back by itself when its time is over", async () => {
    const world = await down()
    world.at(120_000)
    await world.prompt("s")
    expect((await world.step("s", {})).asked).toEqual(["a/1"])
    await world.end("s")
    const [newest] = world.store.journal({ limit: 1, sessionID: "s" })
    expect(newest).toMatchObject({ event: "returned", to: "a/1" })
    expect(world.store.session("s")?.inUse).toBeUndefined()
    expect(world.store.circuits().filter(({ failures }) => failures > 0)).toEqual([])
  })

  test("is not asked by a turn that has begun before it was known", async () => {
    const world = makeWorld()
    world.open("s", "a/1")
    world.open("t", "a/1")
    await world.prompt("s")
    await world.step("s", {})
    await world.prompt("t")
    await world.step("t", { "a/1": () => failure(429) })
    const step = await world.step("s", {})
    expect(step).toMatchObject({ model: "b/1", asked: ["b/1"], outcome: "answered" })
    // Not asked, it has not failed once more.
    expect(world.store.circuits()).toMatchObject([{ key: "model:a/1", failures: 1, kind: "rate_limit" }])
    expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ kind: "rate_limit" }])
  })

  test("is asked nevertheless where nobody else is there", async () => {
    const world = await prompted({})
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s", "failed")
    await world.prompt("s")
    expect((await world.step("s", {})).asked).toEqual(["a/1"])
  })

  test("a subagent goes to the fallback at once, and its own model is the parent's", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    world.open("child", "b/1", { parentID: "s", time: { idle: world.now() } })
    await world.prompt("child")
    await world.loans.giveBackAtRest()
    expect((await world.step("child", {})).asked).toEqual(["b/1"])
    expect(world.sessions.turn("child")?.own.model).toBe("a/1")
  })

  test("a subagent is lent what its parent was: so are its own ones, and it is given back, or begins on the own model that is back", async () => {
    const listed = [{ id: "other", model: { id: "1", providerID: "b" } }, { id: "build" }]
    const world = await prompted(usual, { agents: () => Promise.resolve({ data: listed }) })
    await world.step("s", { "a/1": () => failure(429) })
    for (const [id, parentID] of [
      ["child", "s"],
      ["grandchild", "child"],
    ] as const) {
      world.open(id, "b/1", { parentID })
      await world.prompt(id)
      expect(world.sessions.turn(id)?.own.model).toBe("a/1")
      expect((await world.step(id, {})).asked).toEqual(["b/1"])
    }
    await world.end("grandchild")
    await world.end("child")
    expect(["grandchild", "child", "s"].map(world.modelOf)).toEqual(["a/1", "a/1", "b/1"])
    world.store.updateCircuit("model:a/1", () => undefined)
    world.open("late", "b/1", { parentID: "s" })
    await world.prompt("late")
    expect((await world.step("late", {})).asked).toEqual(["a/1"])
  })

  const build = { id: "build", model: { id: "1", providerID: "b" } }
  test.each([
    ["its agent", () => Promise.resolve({ data: [build] }), undefined],
    ["its category", () => Promise.reject(new Error("OpenCode does not answer")), "quick"],
  ] as const)(
    "a subagent is on its own model where that is the parent's stand-in: %s names it",
    async (_, agents, category) => {
      const world = await prompted({ ...usual, categories: { quick: { model: "b/1" } } }, { agents })
      await world.step("s", { "a/1": () => failure(429) })
      world.open("child", "b/1", { parentID: "s" })
      if (category) categoryRegistry().register("child", category)
      await world.prompt("child")
      expect(world.sessions.turn("child")?.own.model).toBe("b/1")
      expect((await world.step("child", { "b/1": () => failure(503) })).asked.at(-1)).toBe("c/1")
      await world.end("child")
      world.store.updateCircuit("model:a/1", () => undefined)
      world.store.updateCircuit("model:b/1", () => undefined)
      await world.prompt("child")
      expect((await world.step("child", {})).asked).toEqual(["b/1"])
      categoryRegistry().forget("child")
    },
  )

  test.each(["b/1", "B/1"] as const)("a stand-in that is to stay stays, spelled %s", async (spelled) => {
    const world = await prompted(runtime({ restore_primary: "never" }))
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s")
    expect(world.modelOf("s")).toBe("b/1")
    world.open("s", spelled, { time: { idle: world.now() } })
    expect(world.loans.of("s")).toBeDefined()
    await world.prompt("s")
    expect((await world.step("s", {})).asked).toEqual([spelled])
    expect(world.switches).toEqual(["b/1"])
  })

  test("a stand-in that is to stay stays in the first prompt of a process, to which OpenCode has named no models yet", async () => {
    const world = makeWorld({ settings: runtime({ restore_primary: "never" }) })
    const [own, inUse] = [referenceTo("a/1", undefined), referenceTo("b/1", undefined)]
    world.storage.set("loan:s", { own, inUse, pid: 99 })
    world.store.saveSession({ sessionID: "s", own: "a/1", inUse: "b/1", updatedAt: world.now() })
    world.open("s", "b/1")
    await world.prompt("s")
    expect((await world.step("s", {})).asked).toEqual(["b/1"])
    expect([world.switches, world.sessions.turn("s")?.own.model]).toEqual([[], "a/1"])
  })

  test("a stand-in that is to stay, and of whose turn nobody has seen more than a failure, stands in for the user's own variant", async () => {
    const world = makeWorld({ settings: runtime({ restore_primary: "never" }) })
    const [own, inUse] = [referenceTo("a/1", "high"), referenceTo("b/1", "low")]
    world.storage.set("loan:s", { own, inUse, pid: 99 })
    world.open("s", "b/1")
    await world.hooks.retry?.(retryEvent("s", "b/1"))
    expect(world.sessions.turn("s")?.own).toEqual({ model: "a/1", variant: "high" })
  })

  test.each<readonly [string, (world: World) => Promise<void> | void]>([
    ["by `/understudy use`", (world) => world.turns.leaveStandIn({ sessionID: "s", own: { model: "a/1" } })],
    ["in the terminal", (world) => world.select("s", { providerID: "a", id: "1" })],
  ])("a stand-in that is to stay stays until the own model is chosen %s", async (_, choose) => {
    const world = await prompted(runtime({ restore_primary: "never" }))
    await world.step("s", { "a/1": () => failure(503) })
    await world.end("s")
    world.store.updateCircuit("model:a/1", () => undefined)
    await choose(world)
    await world.prompt("s")
    expect((await world.step("s", {})).asked).toEqual(["a/1"])
  })

  test("is given back where no turn comes of the prompt, and not asked when one comes later", async () => {
    const world = await down()
    await world.join("s")
    expect(world.modelOf("s")).toBe("b/1")
    await world.wait()
    expect(world.modelOf("s")).toBe("a/1")
    await world.run("s")
    expect(await world.step("s", {})).toMatchObject({ model: "b/1", asked: ["b/1"] })
    expect(world.switches.at(-1)).toBe("b/1")
  })

  test("is waited for where it is well, and nothing was lent", async () => {
    const world = makeWorld()
    world.open("s", "a/1")
    await world.join("s")
    await world.wait()
    expect(world.sessions.turn("s")?.phase.is).toBe("running")
  })

  test("stays lent as long as the turn takes", async () => {
    const world = await down()
    await world.prompt("s")
    await world.join("s")
    await world.wait()
    expect(world.modelOf("s")).toBe("b/1")
    await world.end("s")
    await world.wait()
    expect(world.switches).toEqual(["b/1", "a/1", "b/1", "a/1"])
  })

  test("is given back at the next prompt where nobody has told of the end of the turn", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    world.at(120_000)
    world.open("s", "b/1", { time: { idle: world.now() } })
    await world.prompt("s")
    expect(world.modelOf("s")).toBe("a/1")
    expect(world.loans.of("s")).toBeUndefined()
  })
})

describe("a limit that is nearly used up, in a turn whose prompt nobody has seen", () => {
  const leaving = { ...usual, providers: { a: { leave_at_percent: 90 } } }
  const used = (percent: number): Response => {
    const headers = {
      "x-ratelimit-limit-requests": "100",
      "x-ratelimit-remaining-requests": `${100 - percent}`,
    }
    return new Response(answer("fine").body, { headers: { "content-type": "text/event-stream", ...headers } })
  }
  /** The own model has answered another session, at which so much of its limit was used up. */
  async function after(percent: number, settings: SettingsInput = leaving): Promise<World> {
    const world = await prompted(settings)
    await world.step("s", { "a/1": () => used(percent) })
    await world.end("s")
    world.open("t", "a/1")
    return world
  }

  test("it begins on the next model, at no cost of its attempts, and is given back", async () => {
    const world = await after(95)
    expect(await world.step("t", {})).toMatchObject({ model: "b/1", asked: ["b/1"], delays: [0] })
    expect(world.sessions.turn("t")).toMatchObject({ own: { model: "a/1" }, attempts: 0 })
    expect(world.logs).toContain("warn: a/1: requests 95 % used. Continuing with b/1.")
    expect((await world.step("t", {})).asked).toEqual(["b/1"])
    await world.end("t")
    expect(world.modelOf("t")).toBe("a/1")
  })

  test.each<[string, number, SettingsInput]>([
    ["below it", 89, leaving],
    ["without the setting", 95, usual],
    ["without anybody else", 95, { providers: leaving.providers }],
    [
      "with the provider's other models alone",
      95,
      { ...leaving, agents: { build: { fallback_models: ["a/1"] } } },
    ],
  ])("the own model keeps it %s", async (_, percent, settings) => {
    expect((await (await after(percent, settings)).step("t", {})).asked).toEqual(["a/1"])
  })

  test("the own model keeps a turn in which it has been asked", async () => {
    const world = await after(50)
    const step = await world.step("t", {
      "a/1": () =>
        failure(500, {}, { "x-ratelimit-limit-requests": "100", "x-ratelimit-remaining-requests": "1" }),
    })
    expect(step.asked).toEqual(["a/1", "a/1", "b/1"])
    world.open("u", "a/1")
    expect((await world.step("u", {})).asked).toEqual(["b/1"])
  })
})

describe("what OpenCode would not ask about", () => {
  const overflow = { error: { code: "context_length_exceeded", message: "maximum context length" } }
  const frame = `data: ${JSON.stringify(overflow)}\n\n`

  test("a prompt that is too long is left to OpenCode, whatever it is", async () => {
    const world = await prompted()
    const { response, body } = await world.request("s", "primary", "a/1", () => failure(400, overflow))
    expect(response.status).toBe(400)
    expect(JSON.parse(body)).toEqual(overflow)
    expect((await world.request("s", "primary", "a/1", () => sse(frame))).body).toBe(frame)
  })

  for (const [how, provider] of [
    ["status", () => failure(400, overflow)],
    ["frame", () => sse(frame)],
  ] as const)
    test(`as a reason (${how}) it goes to the next model`, async () => {
      const world = await prompted(runtime({ fallback_on: ["context_overflow"] }))
      const step = await world.step("s", { "a/1": provider })
      expect(step).toMatchObject({ asked: ["a/1", "b/1"], outcome: "answered" })
      expect(world.store.circuits()).toEqual([])
    })

  test("an answer with nothing in it ends a turn in which a tool has run", async () => {
    const world = await prompted()
    const call = '{"index":0,"id":"c","type":"function","function":{"name":"t","arguments":"{}"}}'
    await world.request("s", "primary", "a/1", () =>
      sse(
        `data: {"choices":[{"index":0,"delta":{"tool_calls":[${call}]}}]}\n\ndata: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\n\ndata: [DONE]\n\n`,
      ),
    )
    expect(world.sessions.turn("s")?.hasRunTool).toBe(true)
    expect(await world.step("s", { "a/1": () => answer("") })).toMatchObject({
      asked: ["a/1"],
      outcome: "answered",
      text: "",
    })
  })

  test("and every turn where the settings say so", async () => {
    const world = await prompted(runtime({ fallback_on: ["rate_limit"] }))
    const step = await world.step("s", { "a/1": () => answer("") })
    expect(step).toMatchObject({ asked: ["a/1"], outcome: "answered", text: "" })
  })
})

describe("limits of silence", () => {
  const silent = (ms: number): Promise<Response> =>
    new Promise((resolve) => setTimeout(() => resolve(answer("late")), ms))

  test("a model that does not begin is left, and its connection closed: it is not asked twice", async () => {
    let closed = false
    const limits = { first_token_timeout_seconds: 0.01, same_model_retries: { timeout: 1 } }
    const world = await prompted(runtime(limits), {
      send: (model, { signal }) =>
        model === "b/1"
          ? Promise.resolve(answer("b"))
          : new Promise((_, reject) => {
              signal.addEventListener("abort", () => {
                closed = true
                reject(new Error("aborted"))
              })
            }),
    })
    expect(await world.step("s", {})).toMatchObject({ model: "b/1", outcome: "answered", text: "b" })
    expect(closed).toBe(true)
  })

  test("it is waited for where nobody can take over", async () => {
    const world = await prompted(
      { runtime_fallback: { first_token_timeout_seconds: 0.01 } },
      { send: () => silent(40) },
    )
    expect(await world.step("s", {})).toMatchObject({ model: "a/1", text: "late" })
  })

  test("a connection that breaks is a failure with its own words", async () => {
    const world = await prompted(
      runtime({ first_token_timeout_seconds: 5, same_model_retries: { network: 0 } }),
      {
        send: (model) =>
          model === "a/1"
            ? Promise.reject(Object.assign(new Error("reset"), { code: "ECONNRESET" }))
            : Promise.resolve(answer("b")),
      },
    )
    expect(await world.step("s", {})).toMatchObject({ model: "b/1", text: "b" })
  })

  test("a time of day that is set while an answer is waited for is no silence", async () => {
    const world = await prompted(runtime({ first_token_timeout_seconds: 60, stall_timeout_seconds: 60 }), {
      send: async () => {
        // Not before the request has been noted as sent.
        await Bun.sleep(0)
        world.at(3_600_000)
        return after(5, answer("here"))
      },
    })
    expect(await world.step("s", {})).toMatchObject({ model: "a/1", text: "here" })
  })

  test("a provider with further keys is asked by us", async () => {
    const asked: string[] = []
    const world = await prompted(
      { providers: { a: { keys: ["k"] } } },
      {
        send: (model) => {
          asked.push(model)
          return Promise.resolve(answer("by us"))
        },
      },
    )
    expect(await world.step("s", {})).toMatchObject({ asked: [], text: "by us" })
    expect(asked).toEqual(["a/1"])
  })
})

describe("titles", () => {
  test("pass over a model that is known to be down, and remember one that is", async () => {
    const world = makeWorld()
    const failedAt = world.now()
    const first = await world.request("s", "title", "small/1", () => failure(429))
    expect(first.isSent).toBe(true)
    const second = await world.request("t", "title", "small/1", () => answer("a title"))
    expect(second).toMatchObject({ isSent: false, response: { status: 503 } })
    expect(second.body).toContain("small/1 was not asked")
    // An answer of ours is no second failure of the model.
    expect(world.store.circuits()).toMatchObject([{ key: "model:small/1", failures: 1, failedAt }])
    world.at(3_600_000)
    expect((await world.request("t", "title", "small/1", () => answer("a title"))).isSent).toBe(true)
    // A title takes no probe from a step.
    expect(world.failover.tryProbe({ sessionID: "s", model: "small/1" })).toBeUndefined()
  })

  test("say nothing of a provider, nor of the model that the turn itself is on", async () => {
    const world = await prompted()
    await world.request("s", "title", "small/1", () =>
      failure(401, { error: { message: "invalid api key" } }),
    )
    await world.request("s", "title", "a/1", () => failure(429))
    expect(world.store.circuits().map(({ key }) => key)).toEqual(["model:small/1"])
  })

  test("that are well are passed on as they are, and begin no turn", async () => {
    const world = makeWorld()
    const title = answer("a title")
    const { response } = await world.request("s", "title", "small/1", () => title)
    expect(response).toBe(title)
    expect(world.sessions.turn("s")).toBeUndefined()
    expect(world.logs).toEqual([])
  })

  test("that fail are passed on, but no more of an error than anybody reads", async () => {
    const world = makeWorld()
    const { body } = await world.request("s", "title", "small/1", () => failure(500, "x".repeat(300_000)))
    expect(body).toHaveLength(256 * 1_024)
  })

  test("of a provider with further keys are asked by us, with no more of an error than anybody reads", async () => {
    const title = answer("a title")
    const answers = [title, failure(500, "x".repeat(300_000))]
    const world = makeWorld({
      settings: { providers: { small: { keys: ["k"] } } },
      send: async () => answers.shift() ?? answer("too many"),
    })
    const ask = () => world.request("s", "title", "small/1", () => answer("as it is"))
    const { isSent, response } = await ask()
    expect([isSent, response === title]).toEqual([false, true])
    expect((await ask()).body).toHaveLength(256 * 1_024)
  })

  test("are OpenCode's where all is switched off", async () => {
    const world = makeWorld({ settings: { runtime_fallback: { enabled: false } } })
    await world.request("s", "title", "small/1", () => failure(429))
    expect((await world.request("s", "title", "small/1", () => failure(429))).isSent).toBe(true)
    expect(world.store.circuits()).toEqual([])
  })
})

describe("a compaction", () => {
  const event = (world: World, result?: { readonly summary: string }) => ({
    sessionID: "s",
    agent: "build",
    model: { id: "1", providerID: "a" },
    system: undefined,
    messages: [{ role: "user", content: "what was said" }],
    result,
    world,
  })

  test("on a model that is well is OpenCode's", async () => {
    const world = await prompted()
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toBeUndefined()
    expect(world.generated).toEqual([])
  })

  test("on one that is known to be down is written by the next model that can", async () => {
    const world = await prompted(usual, { generated: { "c/1": "the summary" } })
    await world.step("s", { "a/1": () => failure(429) })
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toEqual({ summary: "the summary" })
    expect(world.store.journal({ limit: 2, sessionID: "s" })).toMatchObject([
      { event: "switched", from: "b/1", to: "c/1", durationMs: 0 },
      { event: "switched", to: "b/1" },
    ])
    expect(world.generated.map(({ model }) => model)).toEqual(["b/1", "c/1"])
    for (const { prompt } of world.generated) {
      expect(prompt).toStartWith("[user]\nwhat was said\n\n[user]\nSummarize the conversation above")
      expect(prompt).toContain("\n## Objective\n")
    }
  })

  test("asks nobody where Esc comes before anybody was asked", async () => {
    const world = await prompted(usual, { generated: { "c/1": "the summary" } })
    await world.step("s", { "a/1": () => failure(429) })
    const compaction = event(world)
    const ended = world.hooks.compaction?.(compaction)
    await world.end("s", "interrupted")
    await ended
    expect([compaction.result, world.generated]).toEqual([undefined, []])
    expect(world.logs.join()).not.toContain("internal error")
  })

  test("is so also where it is the first that a process asks of a model: OpenCode names its models by then", async () => {
    const world = makeWorld({ generated: { "b/1": "the summary" } })
    world.open("s", "a/1")
    world.store.updateCircuit("model:a/1", () => heldCircuit("model:a/1", world.now()))
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toEqual({ summary: "the summary" })
  })

  test("by any model: a summary needs no tools and no eyes", async () => {
    const models = new Map(
      (["a/1", "b/1"] as const).map((model) => [
        model,
        { images: false, pdf: false, toolCalls: false, contextTokens: 1_000 },
      ]),
    )
    const catalog = { known: true, providers: new Set(["a", "b"]), models } as const
    const world = await prompted(usual, { generated: { "b/1": "the summary" }, catalog })
    await world.step("s", { "a/1": () => failure(429) })
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toEqual({ summary: "the summary" })
  })

  test("shows that a model is well again which had rested", async () => {
    const world = await prompted(usual, { generated: { "b/1": "the summary" } })
    await world.step("s", { "a/1": () => failure(429), "b/1": () => failure(429) })
    world.at(61_000)
    world.store.updateCircuit("model:a/1", (before) => before && { ...before, until: world.now() + 9 })
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toEqual({ summary: "the summary" })
    expect(world.store.circuits()).toMatchObject([{ key: "model:a/1" }])
  })

  test("whose model is waited for is the next one's when patience is over", async () => {
    const settings = { ...usual, runtime_fallback: { patience_seconds: 15 } }
    const send = () => Promise.resolve(failure(429, {}, { "retry-after": "10" }))
    const world = await prompted(settings, { generated: { "b/1": "the summary" }, send })
    await world.hooks.compaction?.(event(world))
    const ask = () => world.request("s", "compaction", "a/1", () => failure(500))
    expect((await ask()).response.status).toBe(429)
    world.at(10_000)
    expect((await ask()).body).toContain("the summary")
  })

  const asked = async (world: World, decision: RetryDecision): Promise<RetryDecision> => {
    const retry: RetryEvent = {
      sessionID: "s",
      agent: "build",
      model: { id: "1", providerID: "a" },
      attempt: 1,
      error: { type: "rate_limit", message: "slow down" },
      decision,
    }
    await world.hooks.retry?.(retry)
    return retry.decision
  }

  test("that nobody can write is asked for again after seconds, not after the hours that a provider names", async () => {
    const world = await prompted()
    await world.hooks.compaction?.(event(world))
    expect(await asked(world, { retry: true, delay: 900_000 })).toEqual({ retry: true, delay: 4_000 })
    expect(await asked(world, { retry: true, delay: 2_000 })).toEqual({ retry: true, delay: 2_000 })
    expect(await asked(world, { retry: false })).toEqual({ retry: false })
    world.sessions.patch("s", { off: true })
    expect(await asked(world, { retry: true, delay: 900_000 })).toEqual({ retry: true, delay: 900_000 })
  })

  test("in a protocol that we do not read goes its own way", async () => {
    const world = await prompted()
    await world.hooks.compaction?.(event(world))
    const { isSent } = await world.request("s", "compaction", "a/1", () => answer("x"), unreadAddress)
    expect(isSent).toBe(true)
    expect(world.logs).toEqual([])
  })

  test("passes on a summary whole, and no more of an error than anybody reads", async () => {
    const long = "x".repeat(300_000)
    const sends = [answer(long), failure(402, long)]
    const world = await prompted(usual, { send: async () => sends.shift() ?? failure(500) })
    const good = await world.request("s", "compaction", "a/1", () => failure(500))
    expect(good.body.length).toBeGreaterThan(300_000)
    const bad = await world.request("s", "compaction", "a/1", () => failure(500))
    expect(bad.body).toHaveLength(256 * 1_024)
    expect(world.logs.filter((line) => line.includes("internal error"))).toEqual([])
  })

  test("is OpenCode's in a session that is switched off, and so are its requests", async () => {
    const world = await prompted(usual, { generated: { "b/1": "the summary" } })
    await world.step("s", { "a/1": () => failure(429) })
    world.sessions.patch("s", { off: true })
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toBeUndefined()
    expect((await world.request("s", "compaction", "a/1", () => answer("x"))).isSent).toBe(true)
    expect((await world.request("s", "title", "a/1", () => failure(429))).isSent).toBe(true)
    expect(world.generated).toEqual([])
  })

  test("whose conversation nobody has seen keeps the provider's own failure", async () => {
    const send = (): Promise<Response> => Promise.resolve(failure(429))
    const world = await prompted(usual, { generated: { "b/1": "the summary" }, send })
    const { response } = await world.request("s", "compaction", "a/1", () => failure(500))
    expect(response.status).toBe(429)
    expect(world.generated).toEqual([])
    expect((await world.step("s", { "a/1": () => failure(429) })).model).toBe("b/1")
  })

  test("is over when OpenCode asks for a step again", async () => {
    const world = await prompted(usual, { generated: { "b/1": "the summary" } })
    await world.hooks.compaction?.(event(world))
    const model = { id: "1", providerID: "a" }
    await world.hooks.context?.({ sessionID: "s", agent: "build", model, options: {} })
    expect((await world.step("s", { "a/1": () => failure(429) })).model).toBe("b/1")
  })

  test.each([
    ["Esc", (world: World) => world.end("s", "interrupted")],
    [
      "the session's deletion",
      (world: World) => world.onEvent({ type: "session.deleted", data: { sessionID: "s" } }),
    ],
  ])("is over with %s, and its conversation forgotten", async (_, ends) => {
    const world = await prompted(usual, { generated: { "b/1": "the summary" } })
    await world.hooks.compaction?.(event(world))
    await ends(world)
    await world.prompt("s")
    expect((await world.step("s", { "a/1": () => failure(429) })).model).toBe("b/1")
  })

  test.each([
    ["fails", () => Promise.reject(new Error("Rate limit reached"))],
    ["answers", () => Promise.resolve("the summary")],
  ])("that is ended by Esc while a fallback writes it asks nobody else when that one %s", async (_, then) => {
    const asked = Promise.withResolvers<undefined>()
    const late = Promise.withResolvers<undefined>()
    const b = async (): Promise<string> => {
      asked.resolve(undefined)
      await late.promise
      return then()
    }
    const world = await prompted(usual, { generated: { "b/1": b, "c/1": "the summary" } })
    await world.step("s", { "a/1": () => failure(429) })
    const before = world.store.journal({ limit: 9, sessionID: "s" }).length
    const compaction = event(world)
    const done = world.hooks.compaction?.(compaction)
    await asked.promise
    await world.end("s", "interrupted")
    late.resolve(undefined)
    await done
    expect(world.generated.map(({ model }) => model)).toEqual(["b/1"])
    expect(compaction.result).toBeUndefined()
    expect(world.store.journal({ limit: 9, sessionID: "s" })).toHaveLength(before)
  })

  test("an empty summary is none", async () => {
    const world = await prompted(usual, { generated: { "b/1": " \n", "c/1": "the summary" } })
    await world.step("s", { "a/1": () => failure(429) })
    const compaction = event(world)
    await world.hooks.compaction?.(compaction)
    expect(compaction.result).toEqual({ summary: "the summary" })
  })

  for (const [what, kind, send] of [
    ["an error", "rate_limit", () => Promise.resolve(failure(429))],
    ["a broken connection", "network", () => Promise.reject(new Error("ECONNREFUSED: connection refused"))],
  ] as const)
    test(`that meets ${what} gets the next model's summary in the failed one's protocol`, async () => {
      const world = await prompted(usual, { generated: { "b/1": "the summary" }, send })
      await world.hooks.compaction?.(event(world))
      const { response, body } = await world.request("s", "compaction", "a/1", () => failure(500))
      expect(response.ok).toBe(true)
      expect(body).toContain("the summary")
      expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ to: "b/1", kind }])
      // The chain has been walked for it: what OpenCode asks after that is not ours.
      const asked = { ...retryEvent("s", "a/1"), decision: { retry: false as const } }
      await world.hooks.retry?.(asked)
      expect(asked.decision).toEqual({ retry: false })
      await world.onEvent({ type: "session.compaction.ended", data: { sessionID: "s" } })
      await world.hooks.retry?.(asked)
      expect(asked.decision as unknown).toEqual({ retry: true, delay: 0 })
    })

  const breaks: readonly (readonly [what: string, body: string])[] = [
    ["an error", 'data: {"error":{"message":"overloaded","type":"overloaded_error"}}\n\n'],
    ["half of its text", 'data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n'],
    ["nothing", 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'],
  ]
  for (const [what, body] of breaks)
    test(`whose answer breaks with ${what} is asked for once more, and then the next model's`, async () => {
      let sent = 0
      const send = (): Promise<Response> => Promise.resolve(((sent += 1), sse(body)))
      const world = await prompted(usual, { generated: { "b/1": "the summary" }, send })
      await world.hooks.compaction?.(event(world))
      const broken = await world.request("s", "compaction", "a/1", () => failure(500)).catch(String)
      expect(broken).toContain("closed the connection")
      expect(await asked(world, { retry: false })).toEqual({ retry: true, delay: 0 })
      const next = await world.request("s", "compaction", "a/1", () => failure(500))
      expect([sent, next.body]).toEqual([1, expect.stringContaining("the summary")])
      // What OpenCode asks after that is its own.
      expect(await asked(world, { retry: false })).toEqual({ retry: false })
    })

  test("whose model does not begin in time is the next model's, or waited for where there is none", async () => {
    const limits = runtime({ first_token_timeout_seconds: 0.01 })
    const left: boolean[] = []
    const late = (_model: ModelKey, { signal }: Request): Promise<Response> =>
      new Promise((resolve) =>
        setTimeout(() => {
          left.push(signal.aborted)
          resolve(answer("its own"))
        }, 60),
      )
    const world = await prompted(limits, { generated: { "b/1": "the summary" }, send: late })
    await world.hooks.compaction?.(event(world))
    const { body } = await world.request("s", "compaction", "a/1", () => failure(500))
    expect(body).toContain("the summary")
    const alone = await prompted(limits, { send: late })
    await alone.hooks.compaction?.(event(alone))
    const waited = await alone.request("s", "compaction", "a/1", () => failure(500))
    expect(waited.body).toContain("its own")
    expect(left).toEqual([true, false])
  })

  test("whose answer breaks is OpenCode's where nobody else can write it", async () => {
    const body = breaks.at(-1)?.[1] ?? ""
    const world = await prompted(usual, { send: () => Promise.resolve(sse(body)) })
    await world.hooks.compaction?.(event(world))
    expect((await world.request("s", "compaction", "a/1", () => failure(500))).body).toBe(body)
    expect(await asked(world, { retry: true, delay: 2_000 })).toEqual({ retry: true, delay: 2_000 })
  })

  test("that nobody can write keeps the provider's own failure", async () => {
    const world = await prompted(usual, {
      send: () => Promise.resolve(failure(402, { error: "empty wallet" })),
    })
    await world.hooks.compaction?.(event(world))
    const { response, body } = await world.request("s", "compaction", "a/1", () => failure(500))
    expect([response.status, body]).toEqual([402, '{"error":"empty wallet"}'])
    expect(world.store.journal({ limit: 9 })).toEqual([])
  })

  test("that nobody can write soon ends with the reason, of which OpenCode does not ask again", async () => {
    const empty = failure(402, { error: "empty wallet" })
    const settings = { agents: { build: { fallback_models: ["a/2"] } } }
    const world = await prompted(settings, { send: () => Promise.resolve(empty) })
    await world.hooks.compaction?.(event(world))
    const { response, body } = await world.request("s", "compaction", "a/1", () => failure(500))
    expect(response.status).toBe(400)
    expect(body).toContain("No model is left for this turn. a/1: ")
    expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ event: "exhausted" }])
  })

  test("that the provider is to do itself is made to begin anew as a summary, where another model takes over", async () => {
    const send = (): Promise<Response> => Promise.resolve(failure(429))
    const world = await prompted(usual, { generated: { "b/1": "the summary" }, send })
    await world.hooks.compaction?.(event(world))
    const ask = (sent: string) => world.request("s", "compaction", "a/1", () => failure(500), undefined, sent)
    const native = await ask('{"input":[{"type":"compaction_trigger"}]}')
    expect([native.response.status, native.body]).toEqual([
      400,
      expect.stringContaining("context_length_exceeded"),
    ])
    expect([world.generated, world.toasts]).toEqual([[], []])
    expect((await ask("{}")).body).toContain("the summary")
  })

  test("that is well is passed on, and none of ours where all is switched off", async () => {
    // What it speaks of is no failure of its own.
    const said = "We have met: Rate limit reached, you exceeded your current quota"
    const send = (): Promise<Response> => new Promise((resolve) => setTimeout(() => resolve(answer(said)), 5))
    const world = await prompted(usual, { send, generated: { "b/1": "another" } })
    await world.hooks.compaction?.(event(world))
    const own = await world.request("s", "compaction", "a/1", () => failure(500))
    expect(own.body).toContain(said)
    const off = await prompted(runtime({ enabled: false }))
    expect((await off.request("s", "compaction", "a/1", () => answer("x"))).isSent).toBe(true)
  })
})

test("the command speaks of the user's own model, whoever stands in", async () => {
  const world = await prompted()
  await world.step("s", { "a/1": () => failure(429) })
  expect(await world.answers.command("s", "status")).toBe("build a/1 status")
  expect(await world.answers.command("new", "")).toBe("build default/1 ")
  expect((await world.answers.sidebar("s")).journal).toHaveLength(1)
})

test.each([
  ["a process that has died", 3, "a/1"],
  ["one that lives, and may be in the middle of its turn", 2, "b/1"],
] as const)(
  "the command puts right what a dead process has lent, and nothing else: %s",
  async (_, pid, model) => {
    const world = makeWorld()
    world.open("s", "b/1")
    const [own, inUse] = [referenceTo("a/1", undefined), referenceTo("b/1", undefined)]
    world.storage.set("loan:s", { own, inUse, pid })
    expect(await world.answers.command("s", "status")).toBe(`build ${model} status`)
    expect([world.modelOf("s"), world.storage.size]).toEqual([model, pid === 2 ? 1 : 0])
  },
)

test("the command knows the models before anybody was asked, where the session is on one of them", async () => {
  const world = makeWorld()
  expect(await world.answers.command("new", "models?")).toEndWith("false")
  world.open("s", "a/1")
  expect(await world.answers.command("s", "models?")).toEndWith("true")
  expect((await world.host.catalog()).known).toBe(false)
})

test("what the conversation holds decides who can take it: prompts, and what tools have returned", async () => {
  const rows = [
    { type: "media", media: { source: { mediaType: "image/png" } } },
    { type: "tool-result", result: { value: [{ type: "text" }, { type: "file", mime: "image/png" }] } },
  ]
  for (const part of rows) {
    const world = await prompted()
    const model = { id: "1", providerID: "a" }
    const messages = [{ content: [part] }, {}]
    await world.hooks.context?.({ sessionID: "s", agent: "build", model, options: {}, messages })
    // The fallback sees no pictures.
    expect((await world.step("s", { "a/1": () => failure(429) })).asked).toEqual(["a/1", "c/1"])
  }
})

test("the context of a session that no prompt was seen of is left as it is", async () => {
  const world = makeWorld()
  const messages = [{ role: "assistant", content: [{ type: "tool-call", providerExecuted: true }] }]
  const model = { id: "1", providerID: "a" }
  await world.hooks.context?.({ sessionID: "s", agent: "build", model, options: {}, messages })
  expect(messages[0]?.content).toHaveLength(1)
  expect(world.logs).toEqual([])
})

test("what a provider has run itself stays in the history of its own models alone", async () => {
  const world = await prompted()
  await world.step("s", { "a/1": () => failure(429) })
  const search = { type: "tool-call", name: "web_search", providerExecuted: true }
  const left = async (providerID: string): Promise<unknown> => {
    const messages = [{ role: "assistant", content: [search, { type: "text", text: "found" }] }]
    const model = { id: "1", providerID }
    await world.hooks.context?.({ sessionID: "s", agent: "build", model, options: {}, messages })
    return messages[0]?.content.length
  }
  expect([await left("a"), await left("b")]).toEqual([2, 1])
})

describe("a fallback that OpenCode cannot set up", () => {
  test("is passed over in the same step, without a request to any provider", async () => {
    const world = await prompted(usual, { unset: ["b/1"] })
    const step = await world.step("s", { "a/1": () => failure(429) })
    expect(step).toMatchObject({ model: "c/1", outcome: "answered", asked: ["a/1", "c/1"] })
    expect(world.logs.join()).toMatch(/OpenCode cannot ask b\/1: .*a project is required/)
    await world.end("s")
    expect(world.switches).toEqual(["b/1", "c/1", "a/1"])
    await world.prompt("s")
    expect(world.modelOf("s")).toBe("c/1")
  })

  test("takes no prompt either, and with it nobody may be left", async () => {
    for (const [unset, model] of [
      [["b/1"], "c/1"],
      [["b/1", "c/1"], "a/1"],
    ] as const) {
      const world = makeWorld({ unset })
      await world.request("other", "title", "small/1", () => answer("A title"))
      world.store.updateCircuit("model:a/1", () => heldCircuit("model:a/1", world.now()))
      world.open("s", "a/1", { time: { idle: world.now() } })
      await world.prompt("s")
      await world.loans.giveBackAtRest()
      expect(world.modelOf("s")).toBe(model)
      expect(world.switches.at(0)).toBe("b/1")
    }
  })

  test("ends the turn where no other is left, with one error", async () => {
    const world = await prompted(usual, { unset: ["b/1", "c/1"] })
    const step = await world.step("s", { "a/1": () => failure(401) })
    expect(step).toMatchObject({ outcome: "failed", asked: ["a/1"] })
    expect(step.text).toContain("b/1: model not found")
    expect(world.modelOf("s")).toBe("a/1")
  })

  test("is looked at no more once its provider has been seen to work", async () => {
    const unset: ModelKey[] = []
    const world = await prompted(usual, { unset })
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s")
    unset.push("b/1")
    await world.prompt("s")
    expect(world.modelOf("s")).toBe("b/1")
  })
})

describe("what becomes of a turn", () => {
  test("a model that OpenCode cannot set up is skipped from the next prompt on", async () => {
    const rows = [
      ["provider.no-route", "Cannot initialize b/1: a project is required", "c/1"],
      ["provider.no-route", "Cannot initialize other/1: a project is required", "b/1"],
      ["provider.unknown", "Cannot initialize b/1: a project is required", "b/1"],
    ] as const
    for (const [type, message, next] of rows) {
      const world = await prompted()
      await world.request("s", "primary", "a/1", () => answer("hello"))
      world.store.updateCircuit("model:a/1", () => heldCircuit("model:a/1", world.now()))
      await world.end("s")
      await world.prompt("s")
      await world.end("s", "failed", { type, message })
      expect(world.modelOf("s")).toBe("a/1")
      await world.prompt("s")
      expect(world.modelOf("s")).toBe(next)
    }
  })

  test("a session that cannot be put back keeps its record: somebody must put it back later", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    world.refuseSwitches(true)
    await world.end("s")
    expect(world.store.session("s")?.lent).toBeDefined()
    world.refuseSwitches(false)
    await world.end("s")
    expect([world.store.session("s")?.lent, world.modelOf("s")]).toEqual([undefined, "a/1"])
  })

  test("its tokens are remembered, and count for who can take the next", async () => {
    const world = await prompted()
    await world.step("s", {}, { input: 1_500, output: 10, reasoning: 0, cache: { read: 0, write: 0 } })
    expect(world.sessions.get("s").contextTokens).toBe(1_510)
    await world.step("s", {}, {})
    expect(world.sessions.get("s").contextTokens).toBe(1_510)
    const step = await world.step("s", { "a/1": () => failure(429), "b/1": () => failure(429) })
    expect(step.asked.slice(0, 2)).toEqual(["a/1", "b/1"])
    expect(step.asked).not.toContain("c/1")
  })

  test.each([
    ["ended", 0],
    ["failed", 1_510],
  ])("once a compaction has %s, %d of its tokens count", async (how, tokens) => {
    const world = await prompted()
    await world.step("s", {}, { input: 1_500, output: 10 })
    await world.onEvent({ type: `session.compaction.${how}`, data: { sessionID: "s" } })
    expect(world.sessions.get("s").contextTokens).toBe(tokens)
  })

  test("an answer closes the circuit of its model, if it was sent after the failure", async () => {
    const world = await prompted()
    const step = (sentAt: number | undefined) => ({
      sessionID: "s",
      assistantMessageID: "a",
      model: { id: "1", providerID: "a" },
      started: sentAt,
    })
    await world.step("s", { "a/1": () => failure(429) })
    const closed = (): boolean => world.store.circuits().every(({ failures }) => failures === 0)
    await world.onEvent({ type: "session.step.started", data: step(world.now() - 10_000) })
    await world.onEvent({ type: "session.step.ended", data: step(0) })
    expect(closed()).toBe(false)
    const before = { type: "session.step.started", data: step(undefined), created: world.now() - 10_000 }
    await world.onEvent(before)
    await world.onEvent({ type: "session.step.ended", data: step(0) })
    expect(closed()).toBe(false)
    await world.onEvent({ type: "session.step.started", data: step(world.now() + 10_000) })
    await world.onEvent({ type: "session.step.ended", data: step(0) })
    expect(closed()).toBe(true)
  })

  test("a turn that is switched asks OpenCode for each thing once: lent, and given back", async () => {
    const world = await prompted()
    world.calls.length = 0
    await world.step("s", { "a/1": () => failure(429) })
    const lent = ["session.get", "storage.set", "session.switchModel", "session.generate"]
    expect(world.calls).toEqual(lent)
    await world.step("s", {})
    expect(world.calls).toEqual(lent)
    await world.end("s")
    const givenBack = ["session.get", "session.switchModel", "storage.remove"]
    expect(world.calls.slice(lent.length)).toEqual(givenBack)
  })

  test("news of the own model's last answer, after the turn has left it, is no return", async () => {
    const world = await prompted()
    const data = { sessionID: "s", assistantMessageID: "a", model: { id: "1", providerID: "a" } }
    await world.onEvent({ type: "session.step.started", data })
    await world.step("s", { "a/1": () => failure(429) })
    await world.onEvent({ type: "session.step.ended", data })
    expect(world.store.journal({ limit: 9 }).map(({ event }) => event)).toEqual(["switched"])
    expect(world.store.session("s")).toMatchObject({ own: "a/1", inUse: "b/1" })
  })

  test("a healthy turn leaves nothing behind, and asks OpenCode for no more than its session, and once for what is stored of it", async () => {
    const world = await prompted()
    await world.step("s", {})
    await world.step("s", {})
    await world.end("s")
    await world.prompt("s")
    expect(world.calls).toEqual(["storage.get", "session.get", "session.get"])
    expect(world.store.journal({ limit: 9 })).toEqual([])
    expect([world.logs, world.switches]).toEqual([[], []])
  })

  test("steps and ends of sessions that we know nothing of are no fault", async () => {
    const world = makeWorld()
    const data = { sessionID: "unseen", assistantMessageID: "a", model: { id: "1", providerID: "a" } }
    await world.onEvent({ type: "session.step.started", data })
    await world.onEvent({ type: "session.step.ended", data })
    await world.onEvent({ type: "session.execution.succeeded", data })
    expect(world.logs).toEqual([])
  })

  test("Esc gives a probe back that has come to no verdict", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    await world.end("s")
    world.at(120_000)
    await world.prompt("s")
    const isProbed = (): boolean => world.store.circuit("model:a/1")?.probeUntil !== undefined
    await world
      .request("s", "primary", "a/1", () => {
        expect(isProbed()).toBe(true)
        return new Error("the user has pressed Esc")
      })
      .catch(() => undefined)
    await world.end("s", "interrupted")
    expect(isProbed()).toBe(false)
  })

  test("a failure of the model gives its provider's probe back, whoever takes over", async () => {
    const world = await prompted()
    const rested = { key: "provider:a", failures: 1, kind: "auth", failedAt: 0, until: 1 } as const
    world.store.updateCircuit("provider:a", () => rested)
    const isProbed = (): boolean => world.store.circuit("provider:a")?.probeUntil !== undefined
    const failing = (): Response => {
      expect(isProbed()).toBe(true)
      return failure(503)
    }
    expect((await world.step("s", { "a/1": failing })).model).toBe("b/1")
    expect(isProbed()).toBe(false)
  })

  test("a model that the user leaves in the middle of its request gives its probe back", async () => {
    const world = await prompted()
    const rested = { key: "model:a/1", failures: 1, kind: "overloaded", failedAt: 0, until: 1 } as const
    world.store.updateCircuit("model:a/1", () => rested)
    await world.step("s", {
      "a/1": async () => {
        expect(world.store.circuit("model:a/1")?.probeUntil).toBeDefined()
        await world.select("s", { id: "1", providerID: "c" })
        return failure(400)
      },
    })
    expect(world.store.circuit("model:a/1")).toStrictEqual(rested)
  })

  test("after a prompt that was too long, of which OpenCode asks nobody, the same model is asked again", async () => {
    const world = await prompted({ ...usual, runtime_fallback: { fallback_on: ["overloaded"] } })
    const rested = { key: "model:a/1", failures: 1, kind: "overloaded", failedAt: 0, until: 1 } as const
    world.store.updateCircuit("model:a/1", () => rested)
    const tooLong = { error: { code: "context_length_exceeded", message: "too long" } }
    await world.step("s", { "a/1": () => failure(400, tooLong) })
    expect((await world.step("s", {})).asked).toEqual(["a/1"])
  })

  test("a step that nobody has seen begin ends without a word", async () => {
    const world = await prompted()
    const model = { id: "1", providerID: "a" }
    await world.onEvent({ type: "session.step.started", data: { sessionID: "s", model } })
    await world.onEvent({ type: "session.step.started", data: { sessionID: "s", assistantMessageID: "x" } })
    for (const assistantMessageID of ["x", "never", undefined])
      await world.onEvent({ type: "session.step.ended", data: { sessionID: "s", assistantMessageID } })
    await world.onEvent({ type: "session.step.ended" })
    expect(world.logs).toEqual([])
  })

  test("after an exhausted chain OpenCode's own retries ask whom is well again, not the own model that rests", async () => {
    const world = await prompted({
      ...runtime({ cooldown_seconds: 1 }),
      fallback_models: ["b/1"],
      agents: {},
    })
    let isWell = false
    const { asked, outcome, text } = await world.step("s", {
      "a/1": () => failure(429, {}, { "retry-after": "600" }),
      "b/1": () => {
        if (isWell) return answer("well again")
        isWell = true
        return failure(503)
      },
    })
    expect({ asked, outcome, text }).toEqual({
      asked: ["a/1", "b/1", "b/1"],
      outcome: "answered",
      text: "well again",
    })
  })

  for (const [what, provider] of [
    ["an overload", () => failure(503)],
    ["a connection that is refused", () => Object.assign(new Error("no"), { code: "ECONNREFUSED" })],
    ["an answer with nothing in it", () => answer("")],
  ] as const)
    test(`at the end of OpenCode's own retries ${what} says that nobody is left, in the last words as well`, async () => {
      const world = await prompted()
      const step = await world.step("s", { "a/1": provider, "b/1": provider, "c/1": provider })
      const { text, lastWords, asked } = step
      expect(asked).toHaveLength(10)
      for (const said of [text, lastWords]) {
        expect(said).toContain("No model is left for this turn. a/1: ")
        expect(said).toContain("c/1: ")
      }
    })

  for (const [attempt, isSent] of [
    [10, false],
    [11, true],
  ] as const)
    test(`a request to a model that is down is ${isSent ? "sent" : "refused"} after question ${attempt}`, async () => {
      const world = await rateLimitedElsewhere()
      await world.request("s", "primary", "a/1", () => answer("never asked"))
      await world.hooks.retry?.({ ...retryEvent("s", "a/1", "provider.unknown"), attempt })
      expect(world.modelOf("s")).toBe("b/1")
      world.store.updateCircuit("model:b/1", () => heldCircuit("model:b/1", world.now()))
      // To refuse the last one would be to end the step.
      expect((await world.request("s", "primary", "b/1", () => answer("hello"))).isSent).toBe(isSent)
    })

  test.each<[string, (world: World) => Promise<void>]>([
    [
      "step",
      (world) =>
        world.onEvent({ type: "session.step.ended", data: { sessionID: "s", assistantMessageID: "a" } }),
    ],
    [
      "turn",
      async (world) => {
        await world.end("s", "failed")
        await world.prompt("s")
      },
    ],
  ])("the next %s is counted anew", async (_, begin) => {
    const world = await rateLimitedElsewhere()
    await world.request("s", "primary", "a/1", () => answer("never asked"))
    await world.hooks.retry?.({ ...retryEvent("s", "a/1", "provider.unknown"), attempt: 11 })
    await begin(world)
    expect(world.modelOf("s")).toBe("b/1")
    world.store.updateCircuit("model:b/1", () => heldCircuit("model:b/1", world.now()))
    expect((await world.request("s", "primary", "b/1", () => answer("hello"))).isSent).toBe(false)
  })

  test("after an exhausted chain a good answer makes the turn run again", async () => {
    const world = await prompted()
    const hour = (): Response => failure(429, {}, { "retry-after": "3600" })
    await world.step("s", { "a/1": hour, "b/1": hour, "c/1": hour })
    expect(world.sessions.turn("s")?.phase.is).toBe("exhausted")
    await world.onEvent({
      type: "session.step.started",
      data: { sessionID: "s", assistantMessageID: "a", model: { id: "1", providerID: "a" } },
    })
    await world.onEvent({ type: "session.step.ended", data: { sessionID: "s", assistantMessageID: "a" } })
    expect(world.sessions.turn("s")?.phase.is).toBe("running")
  })

  test("an end that is older than the newest prompt is not this turn's", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    const old = {
      type: "session.execution.succeeded",
      data: { sessionID: "s" },
      created: world.now() - 1_000,
    }
    world.at(10)
    await world.onEvent(old)
    expect(world.modelOf("s")).toBe("b/1")
    // Nor one of the very millisecond of the prompt, in which nothing can have been done about it.
    await world.onEvent(Object.assign(old, { created: world.now() - 10 }))
    expect(world.modelOf("s")).toBe("b/1")
    await world.end("s", "failed")
    expect(world.modelOf("s")).toBe("a/1")
    expect(world.sessions.turn("s")?.phase.is).toBe("ended")
  })

  for (const hours of [-3, 3])
    test(`a clock that is moved by ${hours} hours in the middle of a turn changes nothing of it`, async () => {
      const world = await prompted()
      const failed = () => failure(429, {}, { "retry-after": "36000" })
      await world.step("s", { "a/1": failed })
      world.at(hours * 3_600_000)
      // Nor does the time that a prompt has for its turn to begin.
      await world.wait()
      expect(world.modelOf("s")).toBe("b/1")
      await world.join("s")
      expect((await world.step("s", {})).asked).toEqual(["b/1"])
      await world.end("s")
      expect(world.modelOf("s")).toBe("a/1")
      await world.prompt("s")
      expect(world.sessions.turn("s")?.phase.is).toBe("running")
      await world.end("s")
      expect(world.modelOf("s")).toBe("a/1")
    })

  test("a clock that is set back between two turns joins the second to no other, and what joins it is its own", async () => {
    const world = await prompted()
    await world.step("s", {})
    world.at(3_600_000)
    await world.end("s")
    const first = world.sessions.turn("s")?.messageID
    world.at(-1_800_000)
    await world.prompt("s")
    const second = world.sessions.turn("s")?.messageID
    expect(second).not.toBe(first)
    await world.join("s")
    expect(world.sessions.turn("s")?.messageID).toBe(second)
  })

  test("Esc closes the connections that are ours, and ends the turn", async () => {
    let closed = 0
    const world = await prompted(runtime({ first_token_timeout_seconds: 60 }), {
      send: (_, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            closed += 1
            reject(new Error("aborted"))
          })
          void world.end("s", "interrupted")
        }),
    })
    await world.request("s", "primary", "a/1", () => answer("never"))
    expect(closed).toBe(1)
    expect(world.sessions.turn("s")?.phase.is).toBe("ended")
  })

  test("a deleted session is forgotten, with what was lent", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    categoryRegistry().register("s", "quick")
    await world.onEvent({ type: "session.deleted", data: { sessionID: "s" } })
    expect(categoryRegistry().categoryOf("s")).toBeUndefined()
    expect(world.sessions.turn("s")).toBeUndefined()
    expect(world.loans.of("s")).toBeUndefined()
    expect([...world.storage]).toEqual([])
  })

  test("a fork in the middle of it stands on the user's own model, and the turn goes on where it is", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    const fork = async (sessionID: string, standsOn: ModelKey): Promise<ModelKey> => {
      world.open(sessionID, standsOn)
      await world.onEvent({ type: "session.forked", data: { sessionID, parentID: "s" } })
      return world.modelOf(sessionID)
    }
    expect(await fork("lent", "b/1")).toBe("a/1")
    expect(await fork("chosen meanwhile", "c/1")).toBe("c/1")
    expect(world.modelOf("s")).toBe("b/1")
    await world.end("s")
    expect(await fork("later", "b/1")).toBe("b/1")
  })

  test("a fork of a session whose stand-in is to stay keeps it", async () => {
    const world = await prompted(runtime({ restore_primary: "never" }))
    await world.step("s", { "a/1": () => failure(429) })
    world.open("t", "b/1")
    await world.onEvent({ type: "session.forked", data: { sessionID: "t", parentID: "s" } })
    expect(world.modelOf("t")).toBe("b/1")
  })

  test("a choice of the user's ends the loan, and the panel forgets who stood in", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    expect(world.store.session("s")?.inUse).toBe("b/1")
    await world.select("s", { id: "1", providerID: "user" })
    expect(world.loans.of("s")).toBeUndefined()
    expect(world.store.session("s")).toBeUndefined()
  })

  test("a word thrown in while it runs joins it", async () => {
    const world = await prompted()
    const before = world.sessions.turn("s")?.messageID
    await world.prompt("s")
    expect(world.sessions.turn("s")?.messageID).toBe(before ?? "")
    await world.end("s")
    await world.prompt("s")
    expect(world.sessions.turn("s")?.messageID).not.toBe(before)
  })

  test("that another process seems to have lent, and that is prompted here, begins on the user's own model", async () => {
    const world = makeWorld({ settings: usual })
    const [own, inUse] = [referenceTo("a/1", undefined), referenceTo("b/1", undefined)]
    world.storage.set("loan:s", { own, inUse, pid: 2 })
    world.open("s", "b/1")
    await world.loans.repair()
    expect(world.modelOf("s")).toBe("b/1")
    await world.prompt("s")
    expect(world.modelOf("s")).toBe("a/1")
    expect(world.sessions.turn("s")?.own.model).toBe("a/1")
  })

  test("a turn may begin in the very millisecond in which the one before ended", async () => {
    const world = await prompted()
    await world.end("s")
    await world.prompt("s")
    const before = world.sessions.turn("s")?.messageID
    world.open("s", "a/1", { time: { idle: world.now() } })
    await world.prompt("s")
    expect(world.sessions.turn("s")?.messageID).toBe(before ?? "")
  })

  test("of a session that has rested before is not taken for one at rest, whether it began on its own model or not", async () => {
    const world = await prompted()
    await world.end("s")
    await world.prompt("s")
    await world.step("s", { "a/1": () => failure(429, {}, { "retry-after": "3600" }) })
    await world.loans.giveBackAtRest()
    expect(world.modelOf("s")).toBe("b/1")
    await world.end("s")
    expect(world.modelOf("s")).toBe("a/1")
    await world.prompt("s")
    await world.loans.giveBackAtRest()
    expect(world.modelOf("s")).toBe("b/1")
  })

  test("whose prompt nobody has seen goes on with the next model as well", async () => {
    const world = makeWorld()
    world.open("s", "a/1")
    expect(await world.step("s", { "a/1": () => failure(429) })).toMatchObject({ asked: ["a/1", "b/1"] })
  })

  test("of which nothing was seen but its failure goes on, with the user's own model behind it", async () => {
    const world = await prompted()
    await world.step("s", { "a/1": () => failure(429) })
    world.open("child", "b/1", { parentID: "s" })
    const event = retryEvent("child", "b/1")
    await world.hooks.retry?.(event)
    expect(event.decision).toEqual({ retry: true, delay: 0 })
    expect(world.sessions.turn("child")).toMatchObject({ own: { model: "a/1" }, inUse: { model: "c/1" } })
  })

  test("of a session that is deleted while it begins lends nothing", async () => {
    const world = makeWorld()
    world.open("s", "a/1")
    world.open("t", "a/1")
    await world.prompt("t")
    await world.step("t", { "a/1": () => failure(429) })
    const beginning = world.hooks.prompt?.({ sessionID: "s", messageID: "msg", prompt: {} })
    while (!world.sessions.turn("s")) await Promise.resolve()
    world.sessions.forget("s")
    await beginning
    expect(world.loans.of("s")).toBeUndefined()
  })

  test("a prompt after one that OpenCode never took up is one of its own", async () => {
    const world = makeWorld()
    world.open("s", "a/1")
    for (const messageID of ["msg_1", "msg_2"])
      await world.hooks.prompt?.({ sessionID: "s", messageID, prompt: {} })
    expect(world.sessions.turn("s")?.messageID).toBe("msg_2")
  })

  test("a prompt needs a model that can call tools", async () => {
    const models = new Map(
      (["a/1", "b/1", "c/1"] as const).map((model) => [
        model,
        { images: true, pdf: true, toolCalls: model !== "b/1", contextTokens: 1_000 },
      ]),
    )
    const catalog = { known: true, providers: new Set(["a", "b", "c"]), models } as const
    const world = await prompted(usual, { catalog })
    expect((await world.step("s", { "a/1": () => failure(429) })).asked).toEqual(["a/1", "c/1"])
  })

  test("what it holds decides who can take it", async () => {
    for (const uri of ["data:image/png;base64,AA", "file:///a/B.JPG", "x.webp"]) {
      const world = makeWorld()
      world.open("s", "a/1")
      await world.prompt("s", { files: [{ uri }] })
      // The fallback sees no pictures.
      expect((await world.step("s", { "a/1": () => failure(429) })).asked).toEqual(["a/1", "c/1"])
    }
    for (const uri of ["data:application/pdf,x", "file:///a.PDF", "notes.png.txt"]) {
      const world = makeWorld()
      world.open("s", "a/1")
      await world.prompt("s", { files: [{ uri }] })
      expect(world.sessions.turn("s")?.needs).toMatchObject({ images: false, pdf: !uri.endsWith("txt") })
    }
  })

  test("a session without a model is left alone until OpenCode has made its first request", async () => {
    const world = makeWorld()
    await world.prompt("s")
    expect(world.sessions.turn("s")).toBeUndefined()
    world.open("t", "a/1")
    await world.prompt("t")
    await world.step("t", {})
    await world.prompt("s")
    expect(world.sessions.turn("s")?.own.model).toBe("default/1")
  })

  test("a stale failure is not taken for a later one", async () => {
    const world = await prompted()
    await world.request("s", "primary", "a/1", () => failure(401))
    const step = await world.step("s", { "a/1": () => new Error("down") })
    // The key is well: a broken connection is asked once more on the same model.
    expect(step.asked.slice(0, 2)).toEqual(["a/1", "a/1"])
  })
})
