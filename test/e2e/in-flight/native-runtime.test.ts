/** OpenCode's experimental native runtime speaks to OpenAI and Anthropic without the AI SDK, through the same `fetch`. */
import { expect } from "bun:test"
import { endOfStream, say, Simulator, status, stream, text } from "../../simulator/index.ts"
import { untilLogged } from "../harness/index.ts"
import { expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const simulator = await Simulator.start()
const provider = (npm: string, id: string): object => ({
  npm,
  options: { baseURL: `${simulator.origin}/${id}/v1`, apiKey: "key" },
  models: Object.fromEntries(
    ["one", "two"].map((name) => [name, { name, limit: { context: 200_000, output: 32_000 } }]),
  ),
})
const agents = ["openai", "anthropic"].flatMap((id) => ["one", "two"].map((name) => `${id}/${name}`))
const agentOf = (model: string): string => model.replace("/", "-")
const scenario = inFlightScenarios({
  environment: { OPENCODE_EXPERIMENTAL_NATIVE_LLM: "true" },
  opencode: {
    provider: {
      openai: provider("@ai-sdk/openai", "openai"),
      anthropic: provider("@ai-sdk/anthropic", "anthropic"),
    },
    agent: Object.fromEntries(agents.map((model) => [agentOf(model), { mode: "primary", model }])),
  },
  understudy: {
    agents: Object.fromEntries(agents.map((model) => [agentOf(model), { fallback_models: ["alpha/one"] }])),
  },
})

for (const id of ["openai", "anthropic"] as const) {
  scenario(`${id}: a 429 with an hour is answered by the fallback`, async (host) => {
    simulator.always(`${id}/one`, status(429, { headers: { "retry-after": "3600" } }))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: agentOf(`${id}/one`) })
    expect(seen(reply)).toEqual({ model: "alpha/one", text: "alpha/one says hello", error: undefined })
    await expectUnnoticed(session, ["hello"], `${id}/one`)
    expect(simulator.requests(`${id}/one`)).toHaveLength(1)
    await untilLogged(host, `llm.runtime=native llm.provider=${id}`)
  })

  scenario(`${id}: a healthy answer is left alone, and one that breaks off is continued`, async (host) => {
    simulator.script(`${id}/two`, [text("well"), stream(say("Once upon a "), endOfStream())])
    const session = await host.session()
    const agent = agentOf(`${id}/two`)
    expect((await session.prompt("hello", { agent })).text).toBe("well")
    host.simulator.script("alpha/one", [text("time.")])
    const reply = await session.prompt("again", { agent })
    expect(seen(reply)).toEqual({ model: "alpha/one", text: "time.", error: undefined })
    await expectUnnoticed(session, ["hello", "again"], `${id}/two`)
  })
}
