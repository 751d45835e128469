import { describe, expect } from "bun:test"
import {
  after,
  call,
  errorFrame,
  finish,
  gate,
  promptTexts,
  repeat,
  say,
  status,
  stream,
  text,
  wait,
} from "../simulator/index.ts"
import { record } from "../simulator/protocol/json.ts"
import { blockedAnswers } from "./blocked-answers.ts"
import { scenarios, untilLogged } from "./harness/index.ts"
import type { Session } from "./harness/session.ts"
import { roundTrip } from "./in-flight/unnoticed.ts"

async function titled(session: Session, title: string): Promise<void> {
  await session.waitForEvent(
    ({ type, properties }) => type === "session.updated" && record(properties["info"])["title"] === title,
  )
}

const scenario = scenarios({
  chains: [
    ["chat", "anthropic"],
    ["anthropic", "chat"],
  ],
  opencode: {
    agent: { long: { mode: "primary", model: "alpha/m2" } },
    command: {
      greet: { template: "say hello to $ARGUMENTS", description: "greets", model: "alpha/m1" },
    },
  },
  understudy: {
    runtime_fallback: {
      fallback_on: ["context_overflow", "content_filter", "billing"],
      // Silence is no reason to switch here, and waited for.
      first_token_timeout_seconds: 1,
    },
    agents: { long: { fallback_models: ["alpha/m3", "alpha/huge"] } },
    models: { "alpha/m1": { fallback_models: ["gamma/m1"] } },
  },
})

describe("around the loop", () => {
  scenario(
    "a failing title model never disturbs a turn, and the session's own gives the title",
    async (host) => {
      const chain = host.chain("chat", "anthropic")
      host.simulator.titles(({ model }) => (model === chain.primary ? text("a title") : status(503)))
      const session = await host.session({ title: undefined })
      const reply = await session.prompt("hi", { agent: chain.agent })
      expect(reply.text).toBe(`${chain.primary} says hello`)
      await titled(session, "a title")
      await session.prompt("and now?", { agent: chain.agent })
      expect(session.sessionErrors()).toHaveLength(0)
      expect(host.toasts("small")).toHaveLength(0)
    },
  )

  scenario("a session that begins while its model is down has a title, and leaves no child", async (host) => {
    const chain = host.chain("chat", "anthropic")
    host.simulator.script(chain.primary, [repeat(status(429, { headers: { "retry-after": "600" } }))])
    host.simulator.titles(({ model }) => (model === chain.fallback ? text("a title") : status(503)))
    const first = await host.session({ title: undefined })
    await first.prompt("hi", { agent: chain.agent })
    await titled(first, "a title")
    const before = host.simulator.requests(undefined, "title").length
    const session = await host.session({ title: undefined })
    await session.prompt("hi", { agent: chain.agent })
    await titled(session, "a title")
    const asked = host.simulator.requests(undefined, "title").slice(before)
    // The first session has found the small model down.
    expect(asked.map(({ model }) => model)).toEqual([chain.fallback])
    expect(asked.flatMap(promptTexts).at(-1)).toBe("Generate a title for this conversation:\n\nhi")
    expect(await session.children()).toEqual([])
    expect(host.simulator.requests(chain.primary)).toHaveLength(1)
    expect(host.toasts(chain.primary)).toHaveLength(1)
    host.simulator.titles(text("a title"))
  })

  scenario("a slash command with a model of its own follows that model's chain", async (host) => {
    host.simulator.script("alpha/m1", [status(429)])
    const session = await host.session()
    const reply = await session.command("greet", "the world")
    expect(reply.model).toBe("gamma/m1")
  })

  scenario("an agent switched to within the session keeps its own chain", async (host) => {
    const plan = host.chain("chat", "anthropic")
    const build = host.chain("chat", "gemini")
    host.simulator.script(plan.primary, [repeat(status(503))])
    host.simulator.script(build.primary, [status(503)])
    const session = await host.session()
    expect((await session.prompt("plan it", { agent: plan.agent })).model).toBe(plan.fallback)
    expect((await session.prompt("build it", { agent: build.agent })).model).toBe(build.fallback)
  })
})

describe("context_overflow and content_filter as reasons", () => {
  const tooLong = status(400, {
    body: {
      error: {
        message: "This model's maximum context length is 200000 tokens.",
        type: "invalid_request_error",
        code: "context_length_exceeded",
      },
    },
  })

  scenario("a prompt that is too long goes only to a larger window, and trips nothing", async (host) => {
    host.simulator.script("alpha/m2", [tooLong, text("short enough")])
    const session = await host.session()
    const reply = await session.prompt("a long story", { agent: "long" })
    expect(reply.model).toBe("alpha/huge")
    expect(host.simulator.requests("alpha/m3")).toHaveLength(0)
    expect((await session.prompt("short", { agent: "long", model: "alpha/m2" })).text).toBe("short enough")
  })

  blockedAnswers(scenario)

  scenario("a text that is filtered at its end is the answer: no other model is announced", async (host) => {
    const { agent, primary } = host.chain("gemini", "chat")
    host.simulator.script(primary, [stream(say("half of it"), finish("content-filter"))])
    const session = await host.session()
    const reply = await session.prompt("hi", { agent })
    expect(reply).toMatchObject({ model: primary, text: "half of it", error: "ContentFilterError" })
    await roundTrip(host)
    expect(host.toasts(primary)).toEqual([])
  })
})

describe("a compaction in the middle of a turn", () => {
  const full = { inputTokens: 195_000, outputTokens: 20 }
  const fillsWindow = stream(
    call("bash", { command: "true", description: "Runs a command" }),
    finish("tool-calls", full),
  )

  scenario(
    "a summary that was waited for and then breaks in its middle is the next model's",
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      const late = gate()
      // OpenCode does not ask again over this one.
      const spent = { type: "invalid_request_error", message: "Your credit balance is too low" }
      const broken = errorFrame({ json: { type: "error", error: spent } })
      host.simulator.script(primary, [fillsWindow, stream(wait(late), say("half of it"), broken)])
      const goesOn = gate()
      host.simulator.script(fallback, [text("SUMMARY: the word is plum"), after(goesOn, text("it is plum"))])
      const session = await host.session()
      await session.promptAsync("the word is plum", { agent })
      await late.reached
      await untilLogged(host, `left to OpenCode: ${primary} timeout`)
      late.open()
      await goesOn.reached
      goesOn.open()
      const last = JSON.stringify(host.simulator.requests(fallback).at(-1)?.body)
      expect(last).toContain("SUMMARY: the word is plum")
      expect(host.simulator.requests(primary)).toHaveLength(2)
    },
  )
})
