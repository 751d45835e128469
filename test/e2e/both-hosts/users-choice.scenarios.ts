/** Whatever is lent, the user's own model is the user's. */
import { expect } from "bun:test"
import { after, gate, status } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectModel, inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

inFlightOnBothHosts("a model that the user picks in the middle of a turn", usualSettings, (scenario) => {
  scenario("while their own is about to fail has every later prompt", async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    const [third = ""] = host.models(1)
    const held = gate()
    host.simulator.script(primary, [after(held, status(429))])
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    await held.reached
    await session.switchModel(third)
    held.open()
    await session.wait()
    expect(await session.ending()).toBe("answered")
    expect(await session.prompt("again", { agent })).toMatchObject({ model: third, error: undefined })
    await expectModel(session, third)
    expect(asked(host, primary)).toEqual([1])
  })

  scenario("while a fallback is at work has every later prompt", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const [third = ""] = host.models(1)
    const held = gate()
    host.simulator.script(primary, [status(429)])
    host.simulator.script(fallback, [after(held, status(529))])
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    await held.reached
    await session.switchModel(third)
    held.open()
    await session.wait()
    expect(await session.prompt("again", { agent })).toMatchObject({ model: third, error: undefined })
    await expectModel(session, third)
  })
})
