/** Failures that OpenCode 2 deals with in its own way, where the settings say that they are reasons to switch. */
import { describe, expect } from "bun:test"
import {
  begin,
  delayed,
  empty,
  errorFrame,
  pause,
  say,
  status,
  stream,
  text,
  toolCall,
} from "../../simulator/index.ts"
import { blockedAnswers, filtered } from "../blocked-answers.ts"
import type { HostOptions } from "../harness/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { expectModel } from "../in-flight/unnoticed.ts"

const overflow = {
  error: {
    message: "This model's maximum context length is 200000 tokens.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
  },
}
const long = {
  opencode: { agent: { long: { mode: "primary", model: "alpha/m1" } } },
  understudy: { agents: { long: { fallback_models: ["alpha/m2", "alpha/huge"] } } },
} as const

describe("context_overflow and content_filter as reasons", () => {
  const scenario = scenarios2({
    opencode: long.opencode,
    understudy: {
      ...long.understudy,
      runtime_fallback: { fallback_on: ["context_overflow", "content_filter"] },
    },
  })

  for (const [how, step] of [
    ["with an error status", status(400, { body: overflow })],
    ["inside the stream", stream(errorFrame(overflow.error))],
  ] as const)
    scenario(
      `a prompt that is too long, ${how}, goes only to a larger window, and trips nothing`,
      async (host) => {
        const before = host.simulator.requests("alpha/m2").length
        host.simulator.script("alpha/m1", [step, text("short enough")])
        const session = await host.session()
        const reply = await session.prompt("a long story", { agent: "long" })
        expect(reply).toMatchObject({ model: "alpha/huge", error: undefined })
        expect(session.events("session.compaction.started")).toEqual([])
        expect(host.simulator.requests("alpha/m2")).toHaveLength(before)
        expect((await session.prompt("short", { agent: "long" })).text).toBe("short enough")
      },
    )

  blockedAnswers(scenario)
})

const unset = { npm: "@ai-sdk/azure", models: { one: { name: "one", tool_call: true } } }
const usual: HostOptions = {
  opencode: { provider: { unset, unset2: unset } },
  understudy: {
    models: {
      "alpha/m1": { fallback_models: ["unset/one", "gamma/m1"] },
      "unset2/one": { fallback_models: ["gamma/m2"] },
      "gamma/m3": { fallback_models: ["alpha/m3", "delta/m3"] },
    },
    runtime_fallback: { cooldown_seconds: 600 },
  },
}

describe("a model that OpenCode cannot set up", () => {
  const scenario = scenarios2(usual)

  scenario("is passed over inside the turn, where it is a fallback", async (host) => {
    host.simulator.always("alpha/m1", status(529))
    const session = await host.session()
    const answer = { model: "gamma/m1", text: "gamma/m1 says hello", error: undefined }
    expect(await session.prompt("hello", { model: "alpha/m1" })).toMatchObject(answer)
    expect(await session.prompt("again")).toMatchObject(answer)
    expect(session.outcomes()).toEqual(["succeeded", "succeeded"])
    expect(await host.logs()).toMatch(/OpenCode cannot ask unset\/one: .*Cannot initialize/)
  })

  scenario("ends the turn, where it is the user's own, and is skipped by the next", async (host) => {
    const session = await host.session()
    await session.promptAsync("hello", { model: "unset2/one" })
    const { properties } = await session.waitForEvent("session.execution.failed")
    expect(JSON.stringify(properties["error"])).toContain("Cannot initialize unset2/one")
    await session.wait()
    expect(await session.prompt("again")).toMatchObject({ model: "gamma/m2", error: undefined })
  })
})

describe("a PDF that a fallback's protocol has no place for, which only OpenCode knows", () => {
  const scenario = scenarios2(usual)

  scenario("passes that fallback over, of which the next prompt leaves no trace", async (host) => {
    host.simulator.script("gamma/m3", [status(429)])
    const session = await host.session()
    const files = [{ uri: "data:application/pdf;base64,JVBERi0xLjQK", name: "a.pdf" }]
    const answer = { model: "delta/m3", error: undefined }
    expect(await session.prompt("look", { model: "gamma/m3", files })).toMatchObject(answer)
    await expectModel(session, "gamma/m3")
    expect(await session.prompt("again")).toMatchObject(answer)
    await expectModel(session, "gamma/m3")
    expect(host.simulator.requests("alpha/m3")).toEqual([])
    const switched = (await session.history()).filter(({ role }) => role === "model-switched")
    expect(switched.slice(-2).map(({ model }) => model)).toEqual(["delta/m3", "gamma/m3"])
    expect(switched).toHaveLength(6)
  })

  scenario("is the user's own error where it is their own model's", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const files = [{ uri: "data:application/pdf;base64,JVBERi0xLjQK", name: "a.pdf" }]
    const reply = await (await host.session()).prompt("look", { agent, files })
    expect(reply).toMatchObject({ model: primary, error: expect.stringContaining("does not support") })
    expect(host.simulator.requests(fallback)).toEqual([])
  })
})

describe("without being named as reasons", () => {
  const limitMs = 200
  const scenario = scenarios2({
    ...long,
    understudy: {
      ...long.understudy,
      runtime_fallback: { fallback_on: ["rate_limit"], first_token_timeout_seconds: limitMs / 1_000 },
    },
  })

  scenario("a prompt that is too long is compacted by OpenCode, on the user's own model", async (host) => {
    const session = await host.session()
    await session.prompt("hello", { agent: "long" })
    const summary = text("## Objective\n- to tell a story")
    host.simulator.script("alpha/m1", [status(400, { body: overflow }), summary, text("it goes on")])
    const reply = await session.prompt("a long story", { agent: "long" })
    expect(reply).toMatchObject({ model: "alpha/m1", text: "it goes on", error: undefined })
    expect(session.events("session.compaction.started")).toHaveLength(1)
    expect(host.simulator.requests("alpha/huge")).toEqual([])
  })

  for (const [how, step, said] of [
    ["with an error status", status(400, { body: filtered }), "filtered"],
    ["as its stop reason", empty("content-filter"), "Provider blocked the response"],
  ] as const)
    scenario(`a refusal of the content filter, ${how}, is the user's own error`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [step])
      const reply = await (await host.session()).prompt("hi", { agent })
      expect(reply.model).toBe(primary)
      expect(reply.error).toContain(said)
      expect(host.simulator.requests(fallback)).toEqual([])
    })

  scenario("an answer with nothing in it ends the turn, as OpenCode has it", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [empty()])
    const session = await host.session()
    expect(await session.prompt("hi", { agent })).toMatchObject({
      model: primary,
      text: "",
      error: undefined,
    })
    expect(host.simulator.requests(primary)).toHaveLength(1)
    expect(host.simulator.requests(fallback)).toEqual([])
  })

  for (const [what, step] of [
    ["before its headers", delayed(3 * limitMs, text("at last"))],
    ["after its headers", stream(begin(), pause(3 * limitMs), say("at last"))],
  ] as const)
    scenario(`a model that is silent ${what} is waited for`, async (host) => {
      const { agent, primary } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [step])
      const session = await host.session()
      expect(await session.prompt("hi", { agent })).toMatchObject({ model: primary, text: "at last" })
      expect(host.simulator.requests(primary)).toHaveLength(1)
    })
})

describe("an answer with nothing in it", () => {
  const scenario = scenarios2(usual)

  scenario("ends a turn in which a tool has run as well as any other", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [toolCall("shell", { command: "true" }), empty()])
    const session = await host.session()
    expect(await session.prompt("hi", { agent })).toMatchObject({ model: primary, error: undefined })
    expect(session.outcomes()).toEqual(["succeeded"])
    expect(host.simulator.requests(primary)).toHaveLength(2)
    expect(host.simulator.requests(fallback)).toEqual([])
  })

  scenario("is asked for once more where nobody else is there", async (host) => {
    const { agent, primary: model } = host.chain("chat")
    host.simulator.script(model, [empty(), text("something")])
    const session = await host.session()
    expect(await session.prompt("hi", { agent })).toMatchObject({ model, text: "something" })
  })
})
