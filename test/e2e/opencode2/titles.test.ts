/** OpenCode 2 asks a small model for a title, then the session's own; see `host-facts.test.ts`. */
import { describe, expect } from "bun:test"
import { silence, status, text } from "../../simulator/index.ts"
import { type Host2, scenarios2, type Session2 } from "../harness/opencode2/index.ts"

const askedForTitles = (host: Host2): readonly string[] =>
  host.simulator.requests(undefined, "title").map(({ model }) => model)

async function begin(host: Host2, model: string): Promise<Session2> {
  const session = await host.session({ title: undefined, model })
  await session.prompt("hello")
  expect(session.outcomes()).toEqual(["succeeded"])
  return session
}

describe("the title of a new session", () => {
  const scenario = scenarios2({ understudy: { runtime_fallback: { cooldown_seconds: 600 } } })

  scenario("is not asked of a small model that is known to be down", async (host) => {
    const [first = "", second = ""] = host.models(2)
    host.simulator.titles(({ model }) => (model === "alpha/small" ? status(503) : text("a title")))
    const session = await begin(host, first)
    await session.waitForEvent("session.renamed")
    expect(askedForTitles(host)).toEqual(["alpha/small", first])
    const other = await begin(host, second)
    await other.waitForEvent("session.renamed")
    expect(askedForTitles(host)).toEqual(["alpha/small", first, second])
  })
})

describe("a small model that never answers", () => {
  const scenario = scenarios2()

  scenario("keeps no turn waiting", async (host) => {
    const [model = ""] = host.models(1)
    host.simulator.titles(silence())
    await begin(host, model)
    await host.simulator.waitForRequest(({ purpose }) => purpose === "title")
    expect(askedForTitles(host)).toEqual(["alpha/small"])
  })
})
