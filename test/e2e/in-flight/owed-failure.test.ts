/** What people read of their own model's failure when nobody else can answer: what they would read without us. */
import { afterAll, beforeAll, describe, expect } from "bun:test"
import { closedPort } from "../../simulator/closed-port.ts"
import { type ProtocolName, status } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { type Host, type HostOptions, scenarios, startHost } from "../harness/index.ts"
import { providerConfig } from "../harness/providers.ts"

const origin = `http://127.0.0.1:${await closedPort()}`
const rows: readonly (readonly [ProtocolName, fallback: string])[] = [
  ["anthropic", "alpha/m30"],
  ["responses", "beta/m30"],
  ["gemini", "gamma/m30"],
]

const options: HostOptions = {
  opencode: {
    provider: Object.fromEntries(
      rows.map(([protocol]) => [protocol, providerConfig(protocol, protocol, origin, { one: {} })]),
    ),
    agent: Object.fromEntries(rows.map(([protocol]) => [protocol, { model: `${protocol}/one` }])),
  },
  understudy: {
    agents: Object.fromEntries(rows.map(([protocol, model]) => [protocol, { fallback_models: [model] }])),
  },
}

async function wordsOf(host: Host, agent: string): Promise<unknown> {
  const session = await host.session()
  await session.promptAsync("hello", { agent })
  const { properties } = await session.waitForRetry()
  await session.abort()
  return record(properties["status"])["message"]
}

describe("with nobody left, people read of the own model what they read without us", () => {
  const scenario = scenarios(options)
  let alone: Host
  beforeAll(async () => {
    alone = await startHost({ ...options, plugin: "none" })
  })
  afterAll(() => alone[Symbol.asyncDispose]())

  scenario("of a refused connection", async (host) => {
    for (const [agent, fallback] of rows) {
      host.simulator.always(fallback, status(529))
      const words = await wordsOf(host, agent)
      expect(words).toContain("Unable to connect")
      expect(words).toBe(await wordsOf(alone, agent))
      expect(host.simulator.requests(fallback)).toHaveLength(1)
    }
  })

  scenario("of a proxy's page", async (host) => {
    const page = status(502, { headers: { "content-type": "text/html" }, body: "<html>Gone</html>" })
    const { agent, primary, fallback } = host.chain("anthropic", "chat")
    host.simulator.always(primary, page)
    host.simulator.always(fallback, status(529))
    const same = alone.chain("anthropic", "chat")
    alone.simulator.always(same.primary, page)
    expect(await wordsOf(host, agent)).toBe(await wordsOf(alone, same.agent))
    expect(host.simulator.requests(fallback)).toHaveLength(1)
  })
})
