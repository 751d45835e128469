import { expect } from "bun:test"
import { after, call, errorFrame, finish, gate, say, status, stream, text } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { scenarios, usualSettings } from "../harness/index.ts"

const scenario = scenarios(usualSettings)
const hour = status(429, { headers: { "retry-after": "3600" } })

const full = { inputTokens: 195_000, outputTokens: 20 }
/** A tool call after which the window counts as full: OpenCode compacts before the turn goes on. */
const fillsWindow = stream(
  call("bash", { command: "echo once >> full-window", description: "Runs a command" }),
  finish("tool-calls", full),
)

for (const [how, failure] of [
  ["before its answer", hour],
  ["at the first frame", stream(errorFrame())],
] as const)
  scenario(
    `a compaction that fails ${how} in the middle of a turn costs its caller nothing`,
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      host.simulator.script(primary, [fillsWindow, failure])
      // The child's window is as full as the session's was; nothing more must be asked of anybody in it.
      const summary = stream(say("SUMMARY: the word is plum"), finish("stop", full))
      host.simulator.script(fallback, [summary, text("it is plum")])
      const session = await host.session()
      const reply = await session.prompt("the word is plum", { agent })
      expect(reply).toMatchObject({ model: fallback, text: "it is plum" })
      expect([session.setbacks(), await session.children()]).toEqual([[], []])
      const last = JSON.stringify(host.simulator.requests(fallback).at(-1)?.body)
      expect(last).toContain("SUMMARY: the word is plum")
      expect(host.simulator.requests(primary)).toHaveLength(2)
      expect((await session.history()).flatMap(({ tools }) => tools)).toEqual(["bash:completed"])
    },
  )

scenario("Esc ends a compaction that another model is writing", async (host) => {
  const { agent, primary, fallback } = host.chain("chat", "chat")
  const writing = gate()
  host.simulator.script(primary, [fillsWindow, hour])
  host.simulator.script(fallback, [after(writing, text("too late"))])
  const session = await host.session()
  await session.promptAsync("hi", { agent })
  await writing.reached
  await session.abort()
  await host.waitForEvent(
    ({ type, properties }) =>
      type === "session.deleted" && record(properties["info"])["parentID"] === session.id,
  )
  writing.open()
  await session.idle()
  expect(await session.ending()).toBe("interrupted")
  expect(host.simulator.requests(fallback)).toHaveLength(1)
})

scenario(
  "a compaction that nobody can take over is left to OpenCode, and the session goes on",
  async (host) => {
    const chain = host.chain("chat")
    const dead = status(401, { message: "a dead key" })
    host.simulator.script(chain.primary, [text("hello"), dead, text("still here")])
    const session = await host.session()
    await session.prompt("hi", { agent: chain.agent })
    await session.compact()
    const { properties } = await session.waitForEvent("session.error")
    expect(JSON.stringify(properties["error"])).toContain("a dead key")
    await session.idle(2)
    const reply = await session.prompt("again", { agent: chain.agent })
    expect(reply.text).toBe("still here")
  },
)
