/** What the soak has found: the smallest scenario of each. */
import { expect } from "bun:test"
import { after, garbage, gate, status, text } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { inFlightScenarios } from "./unnoticed.ts"

const scenario = inFlightScenarios(usualSettings)

for (const from of ["chat", "responses", "anthropic", "gemini"] as const)
  scenario(`a proxy's page under status 200 goes on with the fallback: ${from}`, async (host) => {
    const { agent, primary, fallback } = host.chain(from, from === "chat" ? "anthropic" : "chat")
    host.simulator.always(primary, garbage())
    const reply = await (await host.session()).prompt("hello", { agent })
    expect(reply).toMatchObject({ model: fallback, text: `${fallback} says hello`, error: undefined })
  })

scenario(
  "an answer that was under way when its model said 429 does not make the model well",
  async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const slow = gate()
    host.simulator.script(primary, [
      after(slow, text("slow")),
      status(429, { headers: { "retry-after": "60" } }),
    ])
    const early = await host.session()
    const earlyReply = early.prompt("hello", { agent })
    await slow.reached
    expect(await (await host.session()).prompt("hello", { agent })).toMatchObject({ model: fallback })
    slow.open()
    expect(await earlyReply).toMatchObject({ model: primary, text: "slow" })
    expect(await (await host.session()).prompt("hello", { agent })).toMatchObject({ model: fallback })
    expect(host.simulator.requests(primary)).toHaveLength(2)
  },
)
