/**
 * What OpenCode 2 itself does, without us. When one of these changes with a new release, something of ours changes
 * with it: docs/host-dependencies.md says what.
 */
import { describe, expect } from "bun:test"
import { after, errorFrame, gate, halfCall, say, status, stream, text } from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

describe("OpenCode 2 alone", () => {
  const scenario = scenarios2({ plugin: "none", chains: Array.from({ length: 3 }, () => ["chat"] as const) })

  scenario("answers on the model that the session stands on", async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply).toMatchObject({ model: primary, text: `${primary} says hello`, error: undefined })
    expect(session.outcomes()).toEqual(["succeeded"])
  })

  scenario("follows the default model, not the agent's, unless its client names one", async (host) => {
    const { agent } = host.chain("chat", "anthropic")
    const session = await host.session()
    await host.api.post(`/api/session/${session.id}/agent`, { agent })
    const reply = await session.prompt("hello")
    expect(reply).toMatchObject({ model: "alpha/one", agent })
    expect(await session.model()).toBe("")
  })

  scenario("waits before it asks a failed model again", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [status(429, { headers: { "retry-after": "3600" } })])
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    const { properties, atMs } = await session.waitForEvent("session.retry.scheduled")
    const waitMs = Number(properties["at"]) - (Date.now() - (performance.now() - atMs))
    expect(waitMs).toBeGreaterThan(800_000)
    expect(waitMs).toBeLessThan(901_000)
    await session.abort()
    await session.wait()
    expect(session.outcomes()).toEqual(["interrupted"])
  })

  scenario("counts on in the same step behind a compaction", async (host) => {
    const { agent, primary } = host.chain("chat")
    const tooLong = status(400, { body: { error: { message: "maximum context length is 200000 tokens" } } })
    const session = await host.session()
    await session.prompt("hello", { agent })
    host.simulator.script(primary, [status(503), tooLong, text("## Objective\n- to say hello"), status(503)])
    expect(await session.prompt("again")).toMatchObject({ text: `${primary} says hello`, error: undefined })
    expect(session.events("session.compaction.ended")).toHaveLength(1)
    const tries = session.events("session.retry.scheduled").map(({ properties }) => properties["attempt"])
    expect(tries).toEqual([2, 3])
  })

  scenario("ends a turn whose key is dead at once, in the provider's words", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.always(primary, status(401))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.error).toBeDefined()
    expect(session.outcomes()).toEqual(["failed"])
    expect(host.simulator.requests(primary)).toHaveLength(1)
  })

  scenario("runs again for a prompt that was to join a run that has failed", async (host) => {
    const { agent, primary } = host.chain("chat")
    const held = gate()
    host.simulator.script(primary, [after(held, status(401))])
    const session = await host.session()
    await session.promptAsync("first", { agent })
    await held.reached
    await session.promptAsync("second")
    held.open()
    await session.waitForEvent("session.execution.succeeded")
    expect(session.outcomes()).toEqual(["failed", "succeeded"])
    expect(session.events("session.execution.started")).toHaveLength(2)
  })

  scenario("asks to continue when a text broke off", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [stream(say("half a sentence"), errorFrame({ type: "overloaded" }))])
    const session = await host.session()
    await session.prompt("hello", { agent })
    const history = await session.history()
    expect(history.map(({ role }) => role)).toContain("synthetic")
    expect(history.filter(({ role }) => role === "assistant").map(({ text }) => text)).toEqual([
      "half a sentence",
      `${primary} says hello`,
    ])
  })

  scenario("keeps a tool call whose input broke off, as a failed one", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [
      stream(say("I look. "), halfCall("shell"), errorFrame({ type: "overloaded" })),
    ])
    const session = await host.session()
    await session.prompt("hello", { agent })
    expect((await session.history()).flatMap(({ tools }) => tools)).toEqual(["shell:error"])
  })

  scenario("asks the small model for a title, then the session's own", async (host) => {
    host.simulator.titles(status(503))
    const [model = ""] = host.models(1)
    const session = await host.session({ title: undefined, model })
    await session.prompt("hello")
    expect(session.outcomes()).toEqual(["succeeded"])
    // The title is asked for beside the turn.
    await host.simulator.waitForRequest((request) => request.purpose === "title" && request.model === model)
    const asked = host.simulator.requests(undefined, "title").map((request) => request.model)
    expect(asked).toEqual(["alpha/small", model])
  })

  scenario("`run` answers on stdout and leaves nothing running", async (host) => {
    const [model = ""] = host.models(1)
    const result = await host.run(["hello"], { model })
    expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${model} says hello`) })
  })
})

describe("OpenCode 2 with a plugin that it does not know", () => {
  const scenario = scenarios2({
    plugin: ["./only-v1"],
    configFiles: {
      "only-v1/index.js": "export default { id: 'only-v1', server: async () => ({}) }",
    },
  })

  scenario("says so in its list and goes on", async (host) => {
    const [plugin] = await host.plugins()
    expect(plugin).toMatchObject({ status: "failed" })
    expect(plugin?.error).toContain("must export a default definition")
    const [model = ""] = host.models(1)
    const session = await host.session({ title: "scenario", model })
    expect(await session.prompt("hello")).toMatchObject({ model })
  })
})
