import { expect } from "bun:test"
import { errorFrame, repeat, say, status, stream } from "../../simulator/index.ts"
import { scenarios, usualSettings } from "../harness/index.ts"

const scenario = scenarios(usualSettings)

scenario(
  "an error that nobody can read is OpenCode's the first time, and a reason to go on the second",
  async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    // OpenCode asks again because of the digits 500 inside a number; that is no evidence of anything.
    const odd = stream(errorFrame({ json: { error: { message: "flux capacitor drift 15003" } } }))
    host.simulator.script(primary, [repeat(odd)])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.model).toBe(fallback)
    expect(host.simulator.requests(primary)).toHaveLength(2)
    expect(session.sessionErrors()).toEqual([])
  },
)

scenario(
  "an error inside Gemini's stream with nobody left: OpenCode pauses before it asks again, as with other providers",
  async (host) => {
    const { agent, primary, fallback } = host.chain("gemini", "anthropic")
    host.simulator.script(primary, [repeat(stream(say("Well, "), errorFrame()))])
    host.simulator.script(fallback, [repeat(status(429, { headers: { "retry-after": "60" } }))])
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    // The first is over the fallback's own failure. Gemini's SDK package passes over an error frame.
    await session.waitForEvent(() => session.retries().length >= 2)
    await session.abort()
    expect(host.simulator.requests(primary).length).toBeLessThanOrEqual(3)
  },
)
