import { expect } from "bun:test"
import { errorFrame, type ProtocolName, status, stream, text, textThenError } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectFailed, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

const three: readonly ProtocolName[] = ["chat", "anthropic", "responses"]

const deadInStream = stream(
  errorFrame({ type: "authentication_error", code: "invalid_api_key", message: "a dead key" }),
)

inFlightOnBothHosts("a chain of three", usualSettings, (scenario) => {
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
    expect(await host.waitForToasts(`Continuing with ${second}`)).toHaveLength(1)
    expect(await host.waitForToasts(`Continuing with ${third}`)).toHaveLength(1)
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
    await session.prompt("hello", { agent: chain.agent })
    const message = await session.errorText()
    expect(message).toContain("No model is left for this turn.")
    expect(message).toContain(`${first}: key was rejected, check the key of ${first.split("/")[0]}`)
    expect(message).toContain(`${second}: key was rejected`)
    expect(message).toContain(`${third}: out of credit, top up`)
    expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
    await host.waitForToast(`No other model is left: ${second}`)
    // What OpenCode's own terminal shows as a toast, too.
    expect(JSON.stringify(session.events("session.execution.failed"))).not.toContain(
      "the third wallet is empty",
    )
    await expectFailed(session, first)
    // Who prompts again may have put it right: the own model is asked once more, and nobody else.
    host.simulator.always(first, text("paid"))
    expect((await session.prompt("again", { agent: chain.agent })).text).toBe("paid")
    expect(asked(host, ...chain.models)).toEqual([2, 1, 1])
  })

  scenario("all fail in the stream: the turn ends at once, with one error that names each", async (host) => {
    const chain = host.chain(...three)
    for (const model of chain.models) host.simulator.always(model, deadInStream)
    const session = await host.session()
    await session.prompt("hello", { agent: chain.agent })
    const message = await session.errorText()
    for (const model of chain.models) expect(message).toContain(`${model}: key was rejected`)
    await expectFailed(session, chain.primary)
    expect(asked(host, ...chain.models)).toEqual([1, 1, 1])
  })

  scenario("where no chain is set a failure for good ends the turn at once, as without us", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [status(402)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    expect(await session.ending()).toBe("failed")
    expect(asked(host, primary)).toEqual([1])
  })

  scenario("a failure that is no reason to fall back reaches OpenCode as it came", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(400, { message: "messages: at least one message is required" }))
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: primary })
    await expectFailed(session, primary)
    expect(asked(host, primary, fallback)).toEqual([1, 0])
    expect(host.toasts(primary)).toEqual([])
  })

  scenario("max_fallback_attempts ends the walk", async (host) => {
    const chain = host.chain("chat", "responses", "anthropic", "gemini", "chat")
    const missing = status(404, { message: "the model does not exist" })
    for (const model of chain.models) host.simulator.always(model, missing)
    const session = await host.session()
    await session.prompt("hello", { agent: chain.agent })
    expect(await session.errorText()).toContain(`${chain.primary}: model not found`)
    await expectFailed(session, chain.primary)
    // Three is what it is by default.
    expect(asked(host, ...chain.models)).toEqual([1, 1, 1, 1, 0])
    await host.waitForToast("max_fallback_attempts")
  })
})
