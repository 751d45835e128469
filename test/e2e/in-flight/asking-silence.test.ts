import { expect } from "bun:test"
import { toolCall } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { asked, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const limitMs = 4_000
const timeouts = { first_token_timeout_seconds: limitMs / 1_000, stall_timeout_seconds: limitMs / 1_000 }
const scenario = inFlightScenarios({ understudy: { runtime_fallback: timeouts }, permission: "ask" })

scenario("a model is not left while a permission is asked for", async (host) => {
  const { agent, primary, fallback } = host.chain("chat", "chat")
  host.simulator.script(primary, [toolCall("bash", { command: "echo yes", description: "Asks first" })])
  const session = await host.session()
  const reply = session.prompt("hello", { agent })
  const event = await session.waitForEvent((seenEvent) =>
    /^permission\.(asked|updated)$/.test(seenEvent.type),
  )
  await Bun.sleep(limitMs * 1.5)
  const id = String(record(event.properties)["id"])
  await host.api.post(`/session/${session.id}/permissions/${id}`, { response: "once" })
  expect(seen(await reply)).toEqual({ model: primary, text: `${primary} says hello`, error: undefined })
  await expectUnnoticed(session)
  expect(asked(host, primary, fallback)).toEqual([2, 0])
})
