import { describe, expect } from "bun:test"
import { status } from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

describe("a provider with a second key", () => {
  const scenario = scenarios2({
    understudy: { providers: { alpha: { keys: ["the-second-key"] } }, fallback_models: ["gamma/m1"] },
  })

  scenario("gets the identical request again with it: same model, no switch", async (host) => {
    host.simulator.script("alpha/m1", [status(429, { headers: { "retry-after": "600" } })])
    const session = await host.session()
    const reply = await session.prompt("hello", { model: "alpha/m1" })
    expect(reply).toMatchObject({ model: "alpha/m1", error: undefined })
    const keys = host.simulator.requests("alpha/m1").map(({ headers }) => headers["authorization"])
    expect(keys).toEqual(["Bearer key-of-alpha", "Bearer the-second-key"])
    expect(session.events("session.model.selected")).toHaveLength(1)
    expect(host.simulator.requests("gamma/m1")).toHaveLength(0)
  })
})
