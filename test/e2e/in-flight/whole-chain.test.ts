import { describe, expect } from "bun:test"
import { status, text, textThenError, textWithoutEnd } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import type { ProtocolName } from "../../simulator/index.ts"
import { asked, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const three: readonly ProtocolName[] = ["chat", "anthropic", "responses"]

describe("a chain of three", () => {
  const scenario = inFlightScenarios({ chains: [three, three, three, three] })

  scenario("two fail, the third answers", async (host) => {
    const chain = host.chain(...three)
    const [first = "", second = "", third = ""] = chain.models
    host.simulator.always(first, status(429))
    host.simulator.always(second, status(529))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: chain.agent })
    expect(seen(reply)).toEqual({ model: third, text: `${third} says hello`, error: undefined })
    await expectUnnoticed(session)
    expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
    expect(host.toasts(`Going on with ${second}`)).toHaveLength(1)
    expect(host.toasts(`Going on with ${third}`)).toHaveLength(1)
  })

  scenario(
    "one fails at its first step, the next at its second: no model is asked twice in vain",
    async (host) => {
      const chain = host.chain(...three)
      const [first = "", second = "", third = ""] = chain.models
      host.simulator.always(first, status(503))
      host.simulator.script(second, [textThenError("Half "), text("never asked for")])
      host.simulator.script(third, [text("and half.")])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: chain.agent })
      expect(reply.text).toBe("and half.")
      await expectUnnoticed(session)
      expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
    },
  )

  scenario(
    "all fail: the failure of the user's own model surfaces, once, under that model's name",
    async (host) => {
      const chain = host.chain(...three)
      const [first = "", second = "", third = ""] = chain.models
      host.simulator.always(first, status(401, { message: "the first key is dead" }))
      host.simulator.always(second, status(401, { message: "the second key is dead" }))
      host.simulator.always(third, status(402, { message: "the third wallet is empty" }))
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: chain.agent })
      expect(reply).toMatchObject({ model: first, error: "APIError" })
      expect(record(record(reply.info["error"])["data"])).toMatchObject({
        message: expect.stringContaining("the first key is dead"),
        statusCode: 401,
        responseBody: expect.stringContaining("the first key is dead"),
      })
      await session.idle()
      expect(session.sessionErrors()).toHaveLength(1)
      expect(session.retries()).toEqual([])
      expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
      expect(host.toasts("Nobody is left")).toHaveLength(1)
      const errors = (await session.history()).flatMap((entry) => entry.error ?? [])
      expect(errors).toEqual(["APIError"])
    },
  )

  scenario(
    "opencode run: all fail, it says why and exits 1",
    async (host) => {
      const chain = host.chain(...three)
      const [first = "", ...others] = chain.models
      host.simulator.always(first, status(401, { message: "the first key is dead" }))
      for (const model of others)
        host.simulator.always(model, status(401, { message: "another key is dead" }))
      const result = await host.run(["hello"], { agent: chain.agent })
      expect(result).toMatchObject({ exitCode: 1, timedOut: false })
      expect(result.stderr + result.stdout).toContain("the first key is dead")
      expect(result.stderr + result.stdout).not.toContain("another key")
      expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
    },
    60_000,
  )
})

describe("the bounds of a turn", () => {
  const scenario = inFlightScenarios({ understudy: { runtime_fallback: { max_fallback_attempts: 1 } } })

  scenario("max_fallback_attempts ends the walk, and the own model's failure surfaces", async (host) => {
    const chain = host.chain("chat", "chat", "anthropic")
    const [first = "", second = "", third = ""] = chain.models
    host.simulator.always(first, status(404, { message: "the first model does not exist" }))
    host.simulator.always(second, status(404, { message: "the second model does not exist" }))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: chain.agent })
    expect(reply.error).toBe("APIError")
    expect(JSON.stringify(reply.info["error"])).toContain("the first model does not exist")
    await session.idle()
    expect(asked(host, first, second, third)).toEqual([1, 1, 0])
    expect(session.sessionErrors()).toHaveLength(1)
    expect(host.toasts("max_fallback_attempts")).toHaveLength(1)
  })

  scenario(
    "a chain whose streams are all cut comes to an end: OpenCode does not ask for ever",
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "anthropic")
      host.simulator.always(primary, textWithoutEnd("half"))
      host.simulator.always(fallback, textWithoutEnd("half"))
      const session = await host.session()
      await session.promptAsync("hello", { agent })
      await Promise.race([session.waitForRetry(), session.idle()])
      expect(asked(host, primary, fallback)).toEqual([1, 1])
      await session.abort()
      await session.idle()
    },
  )

  scenario(
    "a cut stream of the only model left breaks: OpenCode waits before it asks again",
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      host.simulator.always(fallback, status(404))
      const other = await host.session()
      await other.prompt("spoil the fallback", { agent, model: fallback })
      await other.idle()
      host.simulator.always(primary, textWithoutEnd("half"))
      const session = await host.session()
      await session.promptAsync("hello", { agent, model: primary })
      await session.waitForRetry(5_000)
      expect(asked(host, primary)).toEqual([1])
      await session.abort()
      await session.idle()
    },
  )

  scenario(
    "where no chain is set the provider's error is OpenCode's to retry, but not for the hour that it names",
    async (host) => {
      const { agent, primary } = host.chain("anthropic")
      host.simulator.always(primary, status(429, { headers: { "retry-after": "3600" } }))
      const session = await host.session()
      await session.promptAsync("hello", { agent })
      const retry = record((await session.waitForRetry()).properties["status"])
      expect(Number(retry["next"]) - Date.now()).toBeLessThan(60_000)
      expect((await host.waitForToast(primary)).message).toContain("No fallback_models are set")
      await session.abort()
      await session.idle()
      expect(asked(host, primary)).toEqual([1])
    },
  )

  scenario("a failure that is no reason to fall back reaches OpenCode as it came", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(400, { message: "messages: at least one message is required" }))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply).toMatchObject({ model: primary, error: "APIError" })
    await session.idle()
    expect(session.sessionErrors()).toHaveLength(1)
    expect(asked(host, primary, fallback)).toEqual([1, 0])
    expect(host.toasts(primary)).toEqual([])
  })
})
