/** Esc at the moments that only OpenCode 1 has: a message is being rewritten for the fallback. */
import { expect } from "bun:test"
import { after, gate, status, text } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { modelReference, usualSettings } from "../harness/index.ts"
import { asked, expectAsWritten, expectOver, inFlightScenarios, roundTrip, wasLeft } from "./unnoticed.ts"

const scenario = inFlightScenarios(usualSettings)

scenario("at any moment around the failure: a sweep in steps of 30 ms", async (host) => {
  const models: string[] = []
  for (let delayMs = 0; delayMs < 240; delayMs += 30) {
    const chain = host.chain("chat", "chat")
    models.push(...chain.models)
    host.simulator.always(chain.primary, status(503))
    const session = await host.session()
    const reply = session.prompt("hello", { agent: chain.agent })
    await host.simulator.waitForRequest(chain.primary)
    await Bun.sleep(delayMs)
    await session.abort()
    await reply
    await session.idle()
    await expectAsWritten(session, ["hello"], chain.primary)
    expect(session.retries()).toEqual([])
    host.simulator.script(chain.primary, [])
  }
  await roundTrip(host)
  const reached = asked(host, ...models)
  expect(Math.max(...reached)).toBe(1)
  await roundTrip(host)
  expect(asked(host, ...models)).toEqual(reached)
})

scenario("while the turn is being lent", async (host) => {
  const chain = host.chain("chat", "anthropic")
  const { modelID, providerID } = modelReference(chain.fallback)
  const late = gate()
  host.simulator.always(chain.primary, status(429))
  host.simulator.always(chain.fallback, after(late, text("too late")))
  const session = await host.session()
  const reply = session.prompt("hello", { agent: chain.agent })
  await session.waitForEvent((event) => {
    const model = record(record(event.properties["info"])["model"])
    return (
      event.type === "message.updated" && model["providerID"] === providerID && model["modelID"] === modelID
    )
  })
  await session.abort()
  await reply
  await session.idle()
  // A request that was sent just before the Esc may still be on its way.
  await roundTrip(host)
  const reached = asked(host, chain.fallback)[0] ?? 0
  expect(reached).toBeLessThanOrEqual(1)
  await expectOver(host, session, chain, [1, reached])
  if (reached > 0) expect(await wasLeft(host, chain.fallback)).toBe(true)
})
