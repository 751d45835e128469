/** While somebody is asked for a permission the session stands on the user's own model: the prompt box reads it then. */
import { describe, expect, test } from "bun:test"
import { status, text, toolCall } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { type Host, hasTmux, startTui } from "../harness/index.ts"
import { asked, expectModel, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const bash = toolCall("bash", { command: "echo yes", description: "Asks first" })

async function allow(host: Host, during: () => Promise<void>): Promise<void> {
  const { properties } = await host.waitForEvent(({ type }) => type === "permission.asked")
  await during()
  await host.api.post(`/permission/${String(record(properties)["id"])}/reply`, { reply: "once" })
}

describe("a permission that is asked for on a fallback", () => {
  const scenario = inFlightScenarios({ permission: "ask", agentMode: "all" })

  scenario("leaves the session on the user's own model meanwhile, and costs no step", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503)])
    host.simulator.script(fallback, [bash])
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    await allow(host, () => expectModel(session, primary))
    expect(seen(await reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
    await expectUnnoticed(session, ["hello"], primary)
    expect(asked(host, primary, fallback)).toEqual([1, 2])
    expect((await session.history()).map(({ model }) => model)).toEqual([
      primary,
      primary,
      fallback,
      fallback,
    ])
  })
})

describe("a permission that a subagent asks for", () => {
  const scenario = inFlightScenarios({ permission: "ask", agentMode: "all", understudy: {} })

  scenario("leaves the session that shows it on the user's own model meanwhile", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const child = host.chain("chat")
    host.simulator.script(primary, [status(503)])
    host.simulator.script(fallback, [toolCall(...host.tools.subagent(child.agent, "ask"))])
    host.simulator.script(child.primary, [bash])
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    await allow(host, () => expectModel(session, primary))
    expect(seen(await reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
    expect(asked(host, primary, fallback)).toEqual([1, 2])
  })
})

describe.if(hasTmux)("the prompt box", () => {
  test("keeps the user's own model where a fallback has asked for a permission", async () => {
    await using tui = await startTui({
      permission: "ask",
      understudy: { fallback_models: ["gamma/m1"] },
      args: ["--model", "alpha/m1"],
    })
    tui.simulator.script("alpha/m1", [status(503)])
    tui.simulator.script("gamma/m1", [bash, text("as you wish")])
    await tui.prompt("hello")
    await tui.waitForScreen(/Permission required/)
    await tui.press("Enter")
    await tui.waitForScreen(/as you wish[^]*· alpha\/m1 alpha/)
  }, 90_000)
})
