/** A compaction whose model is dead must not cost the session its memory, nor the turn its end. */
import { describe, expect } from "bun:test"
import { empty, errorFrame, say, stream, text } from "../../simulator/index.ts"
import { string } from "../../simulator/protocol/json.ts"
import { scenarios2, type Session2 } from "../harness/opencode2/index.ts"

const summary = "## Objective\n- to say hello, as the fallback remembers it"

describe("a compaction", () => {
  const scenario = scenarios2({ understudy: { runtime_fallback: { cooldown_seconds: 600 } } })

  const summaryOf = async (session: Session2): Promise<string> => {
    const row = (await session.messages()).findLast(({ type }) => type === "compaction")
    return `${string(row?.["status"])}: ${string(row?.["summary"] ?? "")}`
  }

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
})
