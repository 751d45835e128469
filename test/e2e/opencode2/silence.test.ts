/** OpenCode 2 waits for ever on a model that says nothing: these limits are ours. */
import { describe, expect } from "bun:test"
import { empty, say, silence, silenceAfterHeaders, stall, stream } from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

describe("a model that says nothing", () => {
  const scenario = scenarios2({
    understudy: { runtime_fallback: { first_token_timeout_seconds: 1.5, stall_timeout_seconds: 1.5 } },
  })

  for (const [what, step] of [
    ["no headers", silence()],
    ["headers and nothing more", silenceAfterHeaders()],
    ["half a sentence", stream(say("half a"), stall())],
  ] as const)
    scenario(`${what}: the fallback goes on`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [step])
      const session = await host.session()
      expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
      expect(host.simulator.requests(primary)).toHaveLength(1)
      expect(host.simulator.requests(primary)[0]?.clientAborted).toBe(true)
    })

  scenario("answers in time are passed on as they are", async (host) => {
    const { agent, primary } = host.chain("responses", "anthropic")
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({
      model: primary,
      text: `${primary} says hello`,
    })
  })
})

describe("an answer with nothing in it", () => {
  const scenario = scenarios2()

  scenario("is a failure: the fallback answers", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, empty())
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
    expect(host.simulator.requests(primary).length).toBeLessThan(3)
  })
})
