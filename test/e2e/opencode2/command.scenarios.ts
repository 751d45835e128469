import { describe, expect } from "bun:test"
import { promptTexts, status } from "../../simulator/index.ts"
import { string } from "../../simulator/protocol/json.ts"
import { usualSettings } from "../harness/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

describe("/understudy from a client without our terminal half", () => {
  const scenario = scenarios2(usualSettings)

  scenario("answers with one line, without asking a model", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    const before = host.simulator.requests().length
    await session.command("understudy", "status")
    await session.wait()
    expect(host.simulator.requests()).toHaveLength(before)
    await session.prompt("and now?")
    const row = (await session.messages()).find(
      ({ type, description }) => type === "synthetic" && string(description ?? "").includes(primary),
    )
    expect(string(row?.["description"])).toContain("rate limit reached")
    const asked = host.simulator.requests(fallback)
    expect(asked.map(promptTexts)).toEqual([["hello"], ["hello", "and now?"]])
  })

  scenario("next goes on from where the next prompt goes, which status says", async (host) => {
    const { agent, models } = host.chain("chat", "anthropic", "responses")
    const [own = "", second = "", third = ""] = models
    const session = await host.session()
    await session.prompt("hello", { agent })
    await session.command("understudy", `use ${third}`)
    expect(await session.prompt("hello")).toMatchObject({ model: third })
    await session.command("understudy", `use ${own}`)
    await session.command("understudy", "next")
    await session.command("understudy", "status")
    await session.wait()
    expect(await session.prompt("hello")).toMatchObject({ model: second })
    const rows = (await session.messages()).flatMap(({ type, description }) =>
      type === "synthetic" ? [string(description ?? "")] : [],
    )
    expect(rows.at(-1)).toContain(`Your next prompt goes to ${second}.`)
  })

  scenario("off: this session is left to OpenCode", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    await session.prompt("hello", { agent })
    await session.command("understudy", "off")
    host.simulator.script(primary, [status(401)])
    expect((await session.prompt("hello")).error).toBeDefined()
    expect(host.simulator.requests(fallback)).toHaveLength(0)
  })
})
