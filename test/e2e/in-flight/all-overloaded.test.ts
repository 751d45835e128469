/** Takes as long as OpenCode's own five retries (about 67 s): the one scenario that waits for them. */
import { expect } from "bun:test"
import { status } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import type { HostEvent } from "../harness/index.ts"
import { asked, inFlightScenarios } from "./unnoticed.ts"

const statusOf = (event: HostEvent): unknown => record(event.properties["status"])["type"]

function never(): never {
  throw new Error("the session never became idle")
}

const limitMs = 120_000

const scenario = inFlightScenarios()

scenario(
  "all models overloaded for an hour: serve and run end in bounded time, with the own model's failure",
  async (host) => {
    const hour = { headers: { "retry-after": "3600" } }
    const chain = host.chain("chat", "anthropic")
    const other = host.chain("chat", "anthropic")
    for (const { primary, fallback } of [chain, other]) {
      host.simulator.always(primary, status(429, { message: "the own model is rate limited", ...hour }))
      host.simulator.always(fallback, status(529, { message: "the fallback is overloaded", ...hour }))
    }
    const session = await host.session()
    const [reply, result] = await Promise.all([
      session.prompt("hello", { agent: chain.agent }),
      host.run(["hello"], { agent: other.agent, timeoutMs: limitMs - 5_000 }),
    ])
    expect(reply).toMatchObject({ model: chain.primary, error: "APIError" })
    expect(JSON.stringify(reply.info["error"])).toContain("the own model is rate limited")
    await session.idle()
    expect(session.sessionErrors()).toHaveLength(1)
    // No count of idles: OpenCode itself tells the idle of a failed turn twice (measured without the plugin).
    const after = session.events().slice(session.events().indexOf(session.idles()[0] ?? never()))
    expect(after.filter((event) => event.type === "session.status").map(statusOf)).not.toContain("busy")
    expect(result).toMatchObject({ exitCode: 1, timedOut: false })
    expect(result.stdout + result.stderr).toContain("the own model is rate limited")
    // OpenCode's own retries are answered with the failure that is known: nobody who is down is asked again.
    expect(asked(host, chain.primary, chain.fallback)).toEqual([1, 1])
    expect(asked(host, other.primary, other.fallback)).toEqual([1, 1])
  },
  limitMs,
)
