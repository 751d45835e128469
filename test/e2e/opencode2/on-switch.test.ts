import { describe, expect } from "bun:test"
import { status } from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { tellingCommand, toldEvents } from "../told-events.ts"

describe("on_switch", () => {
  const scenario = scenarios2({ understudy: { on_switch: tellingCommand } })

  scenario("the user's command is told of a switch, and of a chain in which nobody is left", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503)])
    const session = await host.session()
    await session.prompt("my secret words", { agent })
    const [switched] = await toldEvents(host, primary, 1)
    expect(switched).toMatchObject({ event: "switched", sessionID: session.id, from: primary, to: fallback })
    expect(JSON.stringify(switched)).not.toContain("secret")

    const dead = host.chain("chat", "chat")
    for (const model of dead.models) host.simulator.always(model, status(401))
    await (await host.session()).prompt("hi", { agent: dead.agent })
    const told = await toldEvents(host, dead.primary, 1)
    expect(told.at(-1)).toMatchObject({ event: "exhausted", kind: "auth", to: null })
  })
})
