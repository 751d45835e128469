/** One switch: off is off, for whoever works for the session as well. */
import { expect } from "bun:test"
import { status, text, toolCall } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

inFlightOnBothHosts("a session in which /understudy off was said", usualSettings, (scenario) => {
  scenario("leaves its subagents' failures to OpenCode, until on", async (host) => {
    const parent = host.chain("chat")
    const child = host.chain("chat", "anthropic")
    const task = toolCall(...host.tools.subagent(child.agent, "who are you?"))
    host.simulator.script(parent.primary, [text("ready"), task, text("it failed"), task, text("it is done")])
    host.simulator.script(child.primary, [status(401), status(401)])
    const session = await host.session()
    await session.prompt("hello", { agent: parent.agent })
    await session.command("understudy", "off")
    await session.prompt("off", { agent: parent.agent })
    expect(asked(host, child.primary, child.fallback)).toEqual([1, 0])
    await session.command("understudy", "on")
    await session.prompt("on", { agent: parent.agent })
    expect(asked(host, child.primary, child.fallback)).toEqual([2, 1])
  })
})
