import { expect } from "bun:test"
import { status, text } from "../../simulator/index.ts"
import { scenarios, usualSettings } from "../harness/index.ts"

const scenario = scenarios(usualSettings)

scenario(
  "a compaction that nobody can take over is left to OpenCode, and the session goes on",
  async (host) => {
    const chain = host.chain("chat")
    host.simulator.script(chain.primary, [text("hello"), status(401), text("still here")])
    const session = await host.session()
    await session.prompt("hi", { agent: chain.agent })
    await session.compact()
    await session.waitForEvent("session.error")
    await session.idle(2)
    const reply = await session.prompt("again", { agent: chain.agent })
    expect(reply.text).toBe("still here")
  },
)
