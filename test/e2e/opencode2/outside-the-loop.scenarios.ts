/** Titles, of which OpenCode 2 asks a small model and then the session's own (see `host-facts.test.ts`), and compactions. */
import { describe, expect } from "bun:test"
import { empty, errorFrame, say, silence, status, stream, text } from "../../simulator/index.ts"
import { string } from "../../simulator/protocol/json.ts"
import { usualSettings } from "../harness/index.ts"
import { type Host2, scenarios2, type Session2 } from "../harness/opencode2/index.ts"

const scenario = scenarios2(usualSettings)

describe("the title of a new session", () => {
  const askedForTitles = (host: Host2): readonly string[] =>
    host.simulator.requests(undefined, "title").map(({ model }) => model)

  async function begin(host: Host2, model: string): Promise<Session2> {
    const session = await host.session({ title: undefined, model })
    await session.prompt("hello")
    expect(session.outcomes()).toEqual(["succeeded"])
    return session
  }

  scenario("of which a small model never speaks keeps no turn waiting", async (host) => {
    const [model = ""] = host.models(1)
    host.simulator.titles(silence())
    const before = askedForTitles(host).length
    await begin(host, model)
    await host.simulator.waitForRequest(() => askedForTitles(host).length > before)
    expect(askedForTitles(host).slice(before)).toEqual(["alpha/small"])
  })

  scenario("is not asked of a small model that is known to be down", async (host) => {
    const before = askedForTitles(host).length
    const [first = "", second = ""] = host.models(2)
    host.simulator.titles(({ model }) => (model === "alpha/small" ? status(503) : text("a title")))
    const session = await begin(host, first)
    await session.waitForEvent("session.renamed")
    expect(askedForTitles(host).slice(before)).toEqual(["alpha/small", first])
    const other = await begin(host, second)
    await other.waitForEvent("session.renamed")
    expect(askedForTitles(host).slice(before)).toEqual(["alpha/small", first, second])
  })
})

/** One whose model is dead must not cost the session its memory, nor the turn its end. */
describe("a compaction", () => {
  const summary = "## Objective\n- to say hello, as the fallback remembers it"

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
