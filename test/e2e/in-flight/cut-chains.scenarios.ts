/** Where the walk through a chain ends and OpenCode 1's own handling begins. */
import { expect } from "bun:test"
import { status, textWithoutEnd } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, inFlightScenarios } from "./unnoticed.ts"

const scenario = inFlightScenarios(usualSettings)

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

scenario("a cut stream of the only model left breaks: OpenCode waits before it asks again", async (host) => {
  const { agent, primary, fallback } = host.chain("anthropic", "chat")
  host.simulator.always(fallback, status(404))
  const other = await host.session()
  await other.prompt("spoil the fallback", { agent, model: fallback })
  await other.idle()
  host.simulator.always(primary, textWithoutEnd("half"))
  const session = await host.session()
  await session.promptAsync("hello", { agent, model: primary })
  await session.waitForRetry()
  expect(asked(host, primary)).toEqual([1])
  await session.abort()
  await session.idle()
})

scenario(
  "where no chain is set a wait of an hour ends the turn at once, and a failure without a time is OpenCode's",
  async (host) => {
    const hour = host.chain("anthropic")
    host.simulator.always(hour.primary, status(429, { headers: { "retry-after": "3600" } }))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: hour.agent })
    expect(JSON.stringify(reply.info["error"])).toContain("it has no fallback models")
    expect((await host.waitForToast(hour.primary)).message).toContain("No fallback models are set")
    expect(asked(host, hour.primary)).toEqual([1])
    const brief = host.chain("anthropic")
    host.simulator.script(brief.primary, [status(529)])
    const other = await host.session()
    expect((await other.prompt("hello", { agent: brief.agent })).text).toBe(`${brief.primary} says hello`)
    expect(other.retries()).toHaveLength(1)
  },
)
