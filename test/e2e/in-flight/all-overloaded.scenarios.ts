import { describe, expect } from "bun:test"
import { after, errorFrame, gate, say, status, stream, text } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectAsWritten, inFlightScenarios, seen } from "./unnoticed.ts"

describe("nobody is left", () => {
  const scenario = inFlightScenarios(usualSettings)
  const hour = { headers: { "retry-after": "3600" } }

  scenario("all named an hour: the turn ends at once, with one error that says everything", async (host) => {
    const { agent, models, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(429, hour))
    host.simulator.always(fallback, status(529, hour))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.error).toBe("APIError")
    const error = JSON.stringify(reply.info["error"])
    for (const model of models) expect(error).toContain(model)
    expect(error).toContain("back in about an hour")
    await session.idle()
    expect(session.sessionErrors()).toHaveLength(1)
    expect(session.retries()).toEqual([])
    await expectAsWritten(session, ["hello"], primary)
    expect(asked(host, primary, fallback)).toEqual([1, 1])
  })

  scenario("so it does in the middle of an answer, whatever word says why a model is away", async (host) => {
    const { agent, models, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(503, { ...hour, message: "down for maintenance" }))
    const spent = { type: "rate_limit_error", message: "Rate limit reached. Please try again in 1h0m0s." }
    host.simulator.always(fallback, stream(say("Half "), errorFrame(spent)))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(session.retries()).toEqual([])
    const error = JSON.stringify(reply.info["error"])
    for (const model of models) expect(error).toContain(model)
    expect(asked(host, primary, fallback)).toEqual([1, 1])
  })

  scenario("nobody named a time: OpenCode's own retries stay, on the user's own model", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503, { message: "the own model is away" })])
    host.simulator.script(fallback, [status(529)])
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    const retry = JSON.stringify((await session.waitForRetry()).properties)
    expect(retry).toContain("the own model is away")
    expect(seen(await reply)).toEqual({ model: primary, text: `${primary} says hello`, error: undefined })
    await session.idle()
    expect(session.sessionErrors()).toEqual([])
    await expectAsWritten(session, ["hello"], primary)
    expect(asked(host, primary, fallback)).toEqual([2, 1])
  })

  scenario(
    "one of OpenCode's own retries goes to a model that is well again, and none to one that named an hour",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const late = gate()
      host.simulator.always(primary, status(429, hour))
      host.simulator.script(fallback, [status(529), after(late, text("hello from the other session"))])
      const session = await host.session()
      const reply = session.prompt("hello", { agent })
      await session.waitForEvent(() => session.retries().length > 1)
      // Another session finds the fallback well: its answer closes the circuit.
      const other = await host.session()
      const healed = other.prompt("hello", { model: fallback })
      await late.reached
      late.open()
      await healed
      expect(seen(await reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      await session.idle()
      expect(session.sessionErrors()).toEqual([])
      await expectAsWritten(session, ["hello"], primary)
      expect(asked(host, primary)).toEqual([1])
    },
  )
})
