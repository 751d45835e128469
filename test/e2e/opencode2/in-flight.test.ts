import { describe, expect } from "bun:test"
import {
  cut,
  errorFrame,
  garbage,
  reset,
  say,
  status,
  type Step,
  stream,
  textWithoutEnd,
  toolCall,
  toolResults,
} from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { tracesOf } from "../harness/traces.ts"

const spent = { error: { type: "insufficient_quota", code: "insufficient_quota", message: "quota exceeded" } }

/** Failures before anything was said, each as the provider sends it. */
const failures: readonly (readonly [what: string, step: Step])[] = [
  ["429", status(429)],
  ["429 for an hour", status(429, { headers: { "retry-after": "3600" } })],
  ["429 without quota", status(429, { body: spent })],
  ["402", status(402)],
  ["503", status(503)],
  ["529", status(529)],
  ["401", status(401)],
  ["404", status(404)],
]

describe("a step that fails before its first byte", () => {
  const scenario = scenarios2()

  for (const protocol of ["chat", "anthropic", "responses"] as const)
    for (const [what, step] of failures)
      scenario(`${protocol}: ${what} goes on with the fallback, inside the turn`, async (host) => {
        const { agent, primary, fallback } = host.chain(protocol, protocol === "chat" ? "anthropic" : "chat")
        host.simulator.script(primary, [step])
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(reply).toMatchObject({ model: fallback, text: `${fallback} says hello`, error: undefined })
        expect(session.outcomes()).toEqual(["succeeded"])
        expect(host.simulator.requests(primary)).toHaveLength(1)
        expect((await session.history()).filter(({ role }) => role === "user")).toHaveLength(1)
      })
})

/** Failures that are tried once more on the same model first (`same_model_retries`). */
const passing: readonly (readonly [what: string, step: Step])[] = [
  ["500", status(500)],
  ["connection reset", reset()],
]

/** Failures in the middle of an answer. */
const broken: readonly (readonly [what: string, step: Step])[] = [
  ["a page of a proxy under status 200", garbage()],
  ["an answer cut in its text", stream(say("half a"), cut())],
  ["an error frame after text", stream(say("half a"), errorFrame({ type: "overloaded_error" }))],
  ["text without an end", textWithoutEnd("half a")],
  ["an error frame before text", stream(errorFrame({ type: "overloaded_error" }))],
]

describe("a step that breaks", () => {
  const scenario = scenarios2()

  for (const [what, step] of passing)
    scenario(`${what}: once more on the same model, then the fallback`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.always(primary, step)
      const session = await host.session()
      expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
      expect(host.simulator.requests(primary)).toHaveLength(2)
      expect(session.outcomes()).toEqual(["succeeded"])
    })

  for (const [what, step] of broken)
    scenario(`${what}: the fallback goes on`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.always(primary, step)
      const session = await host.session()
      expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
      expect(session.outcomes()).toEqual(["succeeded"])
      expect(host.simulator.requests(fallback)).toHaveLength(1)
    })

  scenario("after a tool: the fallback gets its result, and it has run once", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const command = "echo ran >> ran.txt; echo the result"
    host.simulator.script(primary, [toolCall("shell", { command }), status(529)])
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
    expect(await Bun.file(`${host.home.project}/ran.txt`).text()).toBe("ran\n")
    const [request] = host.simulator.requests(fallback)
    expect(
      request &&
        toolResults(request)
          .map(({ text }) => text)
          .join(),
    ).toContain("the result")
  })

  scenario("a chain of three is walked in one turn", async (host) => {
    const { agent, models } = host.chain("chat", "anthropic", "responses")
    const [first = "", second = "", third = ""] = models
    host.simulator.script(first, [status(529)])
    host.simulator.script(second, [status(429)])
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: third, error: undefined })
    expect(models.map((model) => host.simulator.requests(model).length)).toEqual([1, 1, 1])
  })

  scenario(
    "nobody left: the turn ends with one error that names each model with its reason",
    async (host) => {
      const { agent, models, primary } = host.chain("chat", "anthropic", "responses")
      for (const model of models)
        host.simulator.always(model, status(429, { headers: { "retry-after": "3600" } }))
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      for (const model of models) expect(reply.error).toContain(model)
      expect(reply.error).toContain("again in about an hour")
      expect(session.outcomes()).toEqual(["failed"])
      expect(await session.model()).toBe(primary)
      expect(models.map((model) => host.simulator.requests(model).length)).toEqual([1, 1, 1])
    },
  )

  scenario("a request that a provider refuses for itself stays the user's own error", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(400))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply).toMatchObject({ model: primary })
    expect(reply.error).toBeDefined()
    expect(host.simulator.requests(fallback)).toHaveLength(0)
  })

  scenario("a subagent goes on too, and its parent gets the answer", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const task = { agent: "general", description: "a task", prompt: "the task" }
    host.simulator.script(primary, [toolCall("subagent", task), status(529)])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.error).toBeUndefined()
    const [child] = await session.children()
    expect((await child?.history())?.at(-2)).toMatchObject({ role: "assistant", error: undefined })
    expect(host.simulator.requests(fallback).length).toBeGreaterThan(0)
  })

  scenario("nothing of ours reaches a provider", async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    await (await host.session()).prompt("hello", { agent })
    expect(host.simulator.requests().flatMap(tracesOf)).toEqual([])
  })

  scenario("`opencode run` prints the fallback's answer and ends well", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(429))
    const result = await host.run(["hello"], { agent, model: primary })
    expect(result.stdout).toContain(`${fallback} says hello`)
    expect(result.exitCode).toBe(0)
  })
})
