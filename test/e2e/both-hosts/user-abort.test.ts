import { expect } from "bun:test"
import {
  after,
  type Gate,
  gate,
  type ProtocolName,
  reset,
  say,
  silence,
  status,
  type Step,
  stream,
  text,
  wait,
} from "../../simulator/index.ts"
import { asked, expectOver, inFlightOnBothHosts, wasLeft } from "../in-flight/unnoticed.ts"

const options = { understudy: { runtime_fallback: { first_token_timeout_seconds: 30 } } }

inFlightOnBothHosts("Esc ends the turn for good", options, (scenario) => {
  scenario("before the failure has come", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const failing = gate()
    host.simulator.always(chain.primary, after(failing, status(429)))
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await failing.reached
    await session.abort()
    await session.wait()
    // The simulator hears of it a little later; opened before that, the gate would let the failure out.
    expect(await wasLeft(host, chain.primary)).toBe(true)
    failing.open()
    await expectOver(host, session, chain, [1, 0])
    expect(host.toasts(chain.primary)).toEqual([])
  })

  for (const [when, protocol, answer] of [
    [
      "after the switch, before the fallback's first byte",
      "anthropic",
      (late) => after(late, text("too late")),
    ],
    [
      "in the middle of the fallback's reply",
      "chat",
      (late) => stream(say("Once upon "), wait(late), say("a time")),
    ],
  ] as readonly (readonly [string, ProtocolName, (late: Gate) => Step])[])
    scenario(when, async (host) => {
      const chain = host.chain("chat", protocol, protocol === "chat" ? "anthropic" : "responses")
      const late = gate()
      host.simulator.always(chain.primary, status(429))
      host.simulator.always(chain.fallback, answer(late))
      const session = await host.session()
      await session.promptAsync("hello", { agent: chain.agent })
      await late.reached
      await session.abort()
      await expectOver(host, session, chain, [1, 1, 0])
      expect(await wasLeft(host, chain.fallback)).toBe(true)
    })

  scenario("in the middle of the own model's reply", async (host) => {
    const chain = host.chain("anthropic", "chat")
    const late = gate()
    host.simulator.always(chain.primary, stream(say("Once upon "), wait(late), say("a time")))
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    await expectOver(host, session, chain, [1, 0])
  })

  scenario("in the pause before the same model is asked once more", async (host) => {
    const chain = host.chain("chat", "chat")
    host.simulator.script(chain.primary, [reset(), after(gate(), text("too late"))])
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await host.simulator.waitForRequest(chain.primary)
    await session.abort()
    await session.wait()
    // The pause lasts 250 ms at least (core/decide.ts): on a slow machine Esc may come after it.
    const [first, ...more] = host.simulator.requests(chain.primary)
    await expectOver(host, session, chain, [1 + more.length, 0])
    expect(first?.answeredBy).toBe("reset")
    expect(more.filter(({ clientAborted }) => !clientAborted)).toEqual([])
  })

  scenario("while the model is silent", async (host) => {
    const chain = host.chain("gemini", "chat")
    host.simulator.always(chain.primary, silence())
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await host.simulator.waitForRequest(chain.primary)
    await session.abort()
    await expectOver(host, session, chain, [1, 0])
    expect(host.toasts(chain.primary)).toEqual([])
  })

  scenario("and the next prompt begins anew, with the user's own model", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const late = gate()
    host.simulator.script(chain.primary, [after(late, status(429))])
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await late.reached
    await session.abort()
    await session.wait()
    expect((await session.prompt("again", { agent: chain.agent })).model).toBe(chain.primary)
    expect(asked(host, ...chain.models)).toEqual([2, 0])
  })
})
