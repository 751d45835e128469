import { describe, expect } from "bun:test"
import { status, text, textThenError, textWithoutEnd } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import type { ProtocolName } from "../../simulator/index.ts"
import { asked, expectAsWritten, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

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
    expect(await host.waitForToasts(`Going on with ${second}`)).toHaveLength(1)
    expect(await host.waitForToasts(`Going on with ${third}`)).toHaveLength(1)
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

  scenario("all are gone for good: the turn ends at once, with one error that names each", async (host) => {
    const chain = host.chain(...three)
    const [first = "", second = "", third = ""] = chain.models
    host.simulator.always(first, status(401, { message: "the first key is dead" }))
    host.simulator.always(second, status(401, { message: "the second key is dead" }))
    host.simulator.always(third, status(402, { message: "the third wallet is empty" }))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: chain.agent })
    expect(reply.error).toBe("APIError")
    const { message } = record(record(reply.info["error"])["data"])
    expect(message).toContain("No model is left for this turn.")
    expect(message).toContain(`${first}: key was rejected, check the key of ${first.split("/")[0]}`)
    expect(message).toContain(`${second}: key was rejected`)
    expect(message).toContain(`${third}: out of credit, top up`)
    await session.idle()
    expect(session.sessionErrors()).toHaveLength(1)
    expect(session.retries()).toEqual([])
    expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
    await host.waitForToast("No other model is left")
    const errors = (await session.history()).flatMap((entry) => entry.error ?? [])
    expect(errors).toEqual(["APIError"])
    await expectAsWritten(session, ["hello"], first)
  })

  scenario(
    "opencode run: all fail, it says why and exits 1",
    async (host) => {
      const chain = host.chain(...three)
      for (const model of chain.models) host.simulator.always(model, status(401, { message: "a dead key" }))
      const result = await host.run(["hello"], { agent: chain.agent })
      expect(result).toMatchObject({ exitCode: 1, timedOut: false })
      for (const model of chain.models) expect(result.stderr).toContain(`${model}: key was rejected`)
      expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
    },
    60_000,
  )
})

describe("the bounds of a turn", () => {
  const scenario = inFlightScenarios({ understudy: { runtime_fallback: { max_fallback_attempts: 1 } } })

  scenario("max_fallback_attempts ends the walk", async (host) => {
    const chain = host.chain("chat", "chat", "anthropic")
    const [first = "", second = "", third = ""] = chain.models
    host.simulator.always(first, status(404, { message: "the first model does not exist" }))
    host.simulator.always(second, status(404, { message: "the second model does not exist" }))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: chain.agent })
    expect(reply.error).toBe("APIError")
    expect(JSON.stringify(reply.info["error"])).toContain(`${first}: model not found`)
    await session.idle()
    expect(asked(host, first, second, third)).toEqual([1, 1, 0])
    expect(session.sessionErrors()).toHaveLength(1)
    await host.waitForToast("max_fallback_attempts")
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
    "where no chain is set a wait of an hour ends the turn at once, and a failure without a time is OpenCode's",
    async (host) => {
      const hour = host.chain("anthropic")
      host.simulator.always(hour.primary, status(429, { headers: { "retry-after": "3600" } }))
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: hour.agent })
      expect(JSON.stringify(reply.info["error"])).toContain("no fallback models are set for it")
      expect((await host.waitForToast(hour.primary)).message).toContain("No fallback models are set")
      expect(asked(host, hour.primary)).toEqual([1])
      const brief = host.chain("anthropic")
      host.simulator.script(brief.primary, [status(529)])
      const other = await host.session()
      expect((await other.prompt("hello", { agent: brief.agent })).text).toBe(`${brief.primary} says hello`)
      expect(other.retries()).toHaveLength(1)
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
