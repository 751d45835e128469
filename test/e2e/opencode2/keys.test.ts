import { expect } from "bun:test"
import { type RecordedRequest, status, text } from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

const bearer = ({ headers }: RecordedRequest): unknown => headers["authorization"]
const second = { keys: ["the-second-key"] }

const scenario = scenarios2({
  understudy: { providers: { alpha: second, beta: second }, fallback_models: ["gamma/m1"] },
})

scenario("a second key gets the identical request: same model, no switch", async (host) => {
  host.simulator.script("beta/m1", [status(429, { headers: { "retry-after": "600" } })])
  const session = await host.session()
  const reply = await session.prompt("hello", { model: "beta/m1" })
  expect(reply).toMatchObject({ model: "beta/m1", error: undefined })
  const keys = host.simulator.requests("beta/m1").map(bearer)
  expect(keys).toEqual(["Bearer key-of-beta", "Bearer the-second-key"])
  expect(session.events("session.model.selected")).toHaveLength(1)
  expect(host.simulator.requests("gamma/m1")).toHaveLength(0)
})

scenario(
  "the title of a new session is asked with the second key where the first one's limit is reached",
  async (host) => {
    host.simulator.titles((request) =>
      bearer(request) === "Bearer the-second-key" ? text("a title") : status(429),
    )
    const session = await host.session({ title: undefined, model: "gamma/m1" })
    await session.prompt("hello")
    await session.waitForEvent("session.renamed")
    const asked = host.simulator.requests(undefined, "title")
    expect(asked.map(({ model }) => model)).toEqual(["alpha/small", "alpha/small"])
  },
)
