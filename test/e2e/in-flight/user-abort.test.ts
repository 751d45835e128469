import { describe, expect } from "bun:test"
import { after, gate, reset, say, silence, status, stream, text, wait } from "../../simulator/index.ts"
import { modelReference } from "../harness/index.ts"
import type { Chain, Host, Session } from "../harness/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { asked, expectAsWritten, inFlightScenarios, wasLeft } from "./unnoticed.ts"

const scenario = inFlightScenarios({
  understudy: { runtime_fallback: { first_token_timeout_seconds: 30 } },
})

/** The turn is over: idle, and nobody is asked any more. The session takes the next prompt as if nothing had been. */
async function expectOver(
  host: Host,
  session: Session,
  chain: Chain,
  before: readonly number[],
): Promise<void> {
  await session.idle()
  await expectAsWritten(session, ["hello"], chain.primary)
  expect(asked(host, ...chain.models)).toEqual([...before])
  // A second round trip through the whole of OpenCode gives a request that should not be the time to show up.
  const other = await host.session()
  await other.prompt("anything", { model: "alpha/five" })
  expect(asked(host, ...chain.models)).toEqual([...before])
  expect(session.retries()).toEqual([])
}

describe("Esc ends the turn for good", () => {
  scenario("before the failure has come", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const failing = gate()
    host.simulator.always(chain.primary, after(failing, status(429)))
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await failing.reached
    await session.abort()
    failing.open()
    expect((await reply).error).toBe("MessageAbortedError")
    await expectOver(host, session, chain, [1, 0])
    expect(await wasLeft(host, chain.primary)).toBe(true)
    expect(host.toasts(chain.primary)).toEqual([])
  })

  scenario(
    "at any moment around the failure: a sweep in steps of 15 ms",
    async (host) => {
      for (let delayMs = 0; delayMs < 240; delayMs += 15) {
        const chain = host.chain("chat", "chat")
        host.simulator.always(chain.primary, status(503))
        const session = await host.session()
        const reply = session.prompt("hello", { agent: chain.agent })
        await host.simulator.waitForRequest(chain.primary)
        await Bun.sleep(delayMs)
        await session.abort()
        const reached = asked(host, ...chain.models)
        await reply
        await session.idle()
        await expectAsWritten(session, ["hello"], chain.primary)
        const other = await host.session()
        await other.prompt("anything", { model: "alpha/five" })
        expect(asked(host, ...chain.models)).toEqual(reached)
        expect(session.retries()).toEqual([])
        host.simulator.script(chain.primary, [])
      }
    },
    40_000,
  )

  scenario("while the turn is being lent", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const { modelID, providerID } = modelReference(chain.fallback)
    const late = gate()
    host.simulator.always(chain.primary, status(429))
    host.simulator.always(chain.fallback, after(late, text("too late")))
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await session.waitForEvent((event) => {
      const model = record(record(event.properties["info"])["model"])
      return (
        event.type === "message.updated" && model["providerID"] === providerID && model["modelID"] === modelID
      )
    })
    await session.abort()
    await reply
    await session.idle()
    const reached = asked(host, chain.fallback)[0] ?? 0
    expect(reached).toBeLessThanOrEqual(1)
    await expectOver(host, session, chain, [1, reached])
    if (reached > 0) expect(await wasLeft(host, chain.fallback)).toBe(true)
  })

  scenario("after the switch, before the fallback's first byte", async (host) => {
    const chain = host.chain("chat", "anthropic", "responses")
    const late = gate()
    host.simulator.always(chain.primary, status(429))
    host.simulator.always(chain.fallback, after(late, text("too late")))
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    expect((await reply).error).toBe("MessageAbortedError")
    await expectOver(host, session, chain, [1, 1, 0])
    expect(await wasLeft(host, chain.fallback)).toBe(true)
  })

  scenario("in the middle of the fallback's reply", async (host) => {
    const chain = host.chain("chat", "chat", "anthropic")
    const late = gate()
    host.simulator.always(chain.primary, status(503))
    host.simulator.always(chain.fallback, stream(say("Once upon "), wait(late), say("a time")))
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    const answer = await reply
    expect(answer).toMatchObject({ model: chain.fallback, error: "MessageAbortedError" })
    await expectOver(host, session, chain, [1, 1, 0])
    expect(await wasLeft(host, chain.fallback)).toBe(true)
  })

  scenario("in the middle of the own model's reply", async (host) => {
    const chain = host.chain("anthropic", "chat")
    const late = gate()
    host.simulator.always(chain.primary, stream(say("Once upon "), wait(late), say("a time")))
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    expect(await reply).toMatchObject({ model: chain.primary, error: "MessageAbortedError" })
    await expectOver(host, session, chain, [1, 0])
  })

  scenario("in the pause before the same model is asked once more", async (host) => {
    const chain = host.chain("chat", "chat")
    host.simulator.always(chain.primary, reset())
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await host.simulator.waitForRequest((request) => request.model === chain.primary)
    // The pause lasts 250 ms at least (core/decide.ts).
    await Bun.sleep(60)
    await session.abort()
    await reply
    await expectOver(host, session, chain, [1, 0])
  })

  scenario("while the model is silent", async (host) => {
    const chain = host.chain("gemini", "chat")
    host.simulator.always(chain.primary, silence())
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await host.simulator.waitForRequest(chain.primary)
    await session.abort()
    expect((await reply).error).toBe("MessageAbortedError")
    await expectOver(host, session, chain, [1, 0])
    expect(host.toasts(chain.primary)).toEqual([])
  })

  scenario("and the next prompt begins anew, with the user's own model", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const late = gate()
    host.simulator.script(chain.primary, [after(late, status(429))])
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    await reply
    await session.idle()
    expect((await session.prompt("again", { agent: chain.agent })).model).toBe(chain.primary)
    expect(asked(host, ...chain.models)).toEqual([2, 0])
  })
})
