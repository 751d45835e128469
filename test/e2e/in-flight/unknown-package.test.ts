/** A provider package that is not known is in flight once one of its requests has shown its way. */
import { expect } from "bun:test"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Simulator, status, text } from "../../simulator/index.ts"
import { expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const simulator = await Simulator.start()
const npm = pathToFileURL(join(import.meta.dir, "../fixtures/own-provider/own-provider.mjs")).href
const provider = {
  npm,
  name: "own",
  options: { baseURL: `${simulator.origin}/own/v1`, apiKey: "key" },
  models: { one: { name: "one", limit: { context: 200_000, output: 32_000 } } },
}
const scenario = inFlightScenarios({
  opencode: { provider: { own: provider }, agent: { owner: { mode: "primary", model: "own/one" } } },
  understudy: { agents: { owner: { fallback_models: ["alpha/one"] } } },
})

scenario(
  "the first answer shows the way, and the next failure is met in flight; nothing leaks",
  async (host) => {
    simulator.script("own/one", [text("first"), status(429, { headers: { "retry-after": "3600" } })])
    const session = await host.session()
    expect(seen(await session.prompt("hello", { agent: "owner" }))).toMatchObject({ text: "first" })
    const reply = await session.prompt("again", { agent: "owner" })
    expect(seen(reply)).toEqual({ model: "alpha/one", text: "alpha/one says hello", error: undefined })
    await expectUnnoticed(session, ["hello", "again"])
    const sent = simulator.requests("own/one").map(({ headers, body }) => JSON.stringify([headers, body]))
    expect(sent).toHaveLength(2)
    for (const request of sent) expect(request.replaceAll("understudy-home-", "")).not.toContain("understudy")
    await simulator[Symbol.asyncDispose]()
  },
)
