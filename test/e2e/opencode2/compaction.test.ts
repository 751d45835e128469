/** A compaction whose model is dead must not cost the session its memory, nor the turn its end. */
import { describe, expect } from "bun:test"
import { empty, errorFrame, say, status, stream, text } from "../../simulator/index.ts"
import { record, string } from "../../simulator/protocol/json.ts"
import { scenarios2, type Session2 } from "../harness/opencode2/index.ts"

const summary = "## Objective\n- to say hello, as the fallback remembers it"

describe("a compaction", () => {
  const scenario = scenarios2({ understudy: { runtime_fallback: { cooldown_seconds: 600 } } })

  const summaryOf = async (session: Session2): Promise<string> => {
    const row = (await session.messages()).findLast(({ type }) => type === "compaction")
    return `${string(row?.["status"])}: ${string(row?.["summary"] ?? "")}`
  }

  scenario("that fails on the way is asked for in the same words", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    await session.prompt("hello", { agent })
    host.simulator.script(primary, [status(429)])
    host.simulator.script(fallback, [text(summary)])
    await session.compact()
    await session.wait()
    expect(await summaryOf(session)).toBe(`completed: ${summary}`)
    expect(host.simulator.requests(fallback, "compaction")).toHaveLength(1)
  })

  for (const [what, step] of [
    ["in the middle of the summary", stream(say("## Objective half"), errorFrame())],
    ["without a word", empty()],
  ] as const)
    scenario(`whose answer ends ${what} is the fallback's, whole and at once`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const session = await host.session()
      await session.prompt("hello", { agent })
      host.simulator.always(primary, step)
      host.simulator.script(fallback, [text(summary)])
      await session.compact()
      await session.wait()
      expect(await summaryOf(session)).toBe(`completed: ${summary}`)
      expect(host.simulator.requests(primary)).toHaveLength(2)
    })

  scenario("that nobody can do for an hour ends at once, and says everything", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    await session.prompt("hello", { agent })
    host.simulator.always(primary, status(429, { headers: { "retry-after": "3600" } }))
    host.simulator.always(fallback, status(401))
    await session.compact()
    await session.wait()
    const row = (await session.messages()).findLast(({ type }) => type === "compaction")
    for (const words of [primary, "back in about an hour", fallback, "key was rejected"])
      expect(string(record(row?.["error"])["message"])).toContain(words)
    expect(host.simulator.requests(primary)).toHaveLength(2)
    expect(host.simulator.requests(fallback)).toHaveLength(1)
    await host.waitForToast(primary)
  })

  scenario("that nobody can do fails, and says why", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    await session.prompt("hello", { agent })
    host.simulator.always(primary, status(401))
    host.simulator.always(fallback, status(401))
    await session.compact()
    await session.wait()
    expect(await summaryOf(session)).toStartWith("failed")
    expect(host.simulator.requests(primary)).toHaveLength(2)
  })
})
