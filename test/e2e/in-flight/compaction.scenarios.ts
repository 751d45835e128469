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

scenario(
  "a compaction that nobody can write for an hour ends at once with one error that says everything",
  async (host) => {
    const chain = host.chain("chat", "anthropic")
    const hour = status(429, { headers: { "retry-after": "3600" } })
    host.simulator.script(chain.primary, [text("hello")])
    const session = await host.session()
    await session.prompt("hi", { agent: chain.agent })
    for (const model of chain.models) host.simulator.always(model, hour)
    await session.compact()
    const { properties } = await session.waitForEvent("session.error")
    const error = JSON.stringify(properties["error"])
    for (const words of [chain.primary, chain.fallback, "back in about an hour"])
      expect(error).toContain(words)
    await session.idle()
    expect(host.simulator.requests(chain.primary)).toHaveLength(2)
    expect(host.simulator.requests(chain.fallback)).toHaveLength(1)
  },
)
