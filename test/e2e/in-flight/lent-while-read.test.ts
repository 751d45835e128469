/** The turn's message names the user's own model whenever the prompt box may read it, and the fallback for the loop alone. */
import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { eventually } from "../../eventually.ts"
import { after, gate, status, text, toolCall } from "../../simulator/index.ts"
import { record, records } from "../../simulator/protocol/json.ts"
import { type Host, hasTmux, startTui, type Tui } from "../harness/index.ts"
import { asked, expectModel, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const bash = toolCall("bash", { command: "echo yes", description: "Asks first" })

/** Another scenario's permission has been asked for by another session: what is asked last is this one's. */
async function allow(host: Host, sinceMs: number, during: () => Promise<void>): Promise<void> {
  const { properties } = await host.waitForEvent(
    ({ type, atMs }) => type === "permission.asked" && atMs >= sinceMs,
  )
  await during()
  await host.api.post(`/permission/${String(record(properties)["id"])}/reply`, { reply: "once" })
}

describe("a turn on a fallback", () => {
  const scenario = inFlightScenarios({ git: true, permission: "ask", agentMode: "all" })

  scenario(
    "has its session on the user's own model while the fallback answers, in each step",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const [calling, answering] = [gate(), gate()]
      host.simulator.script(primary, [status(503)])
      const glob = toolCall("glob", { pattern: "*" })
      host.simulator.script(fallback, [after(calling, glob), after(answering, text("done"))])
      const session = await host.session()
      const reply = session.prompt("hello", { agent })
      for (const answer of [calling, answering]) {
        await answer.reached
        await expectModel(session, primary)
        answer.open()
      }
      expect(seen(await reply)).toEqual({ model: fallback, text: "done", error: undefined })
      await expectUnnoticed(session, ["hello"], primary)
      expect(asked(host, primary, fallback)).toEqual([1, 2])
    },
  )

  scenario(
    "takes each step there, also where it answers sooner than OpenCode has summed up what changed",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503)])
      const [tool, input] = host.tools.read("/nowhere")
      host.simulator.script(fallback, [...Array(6).fill(toolCall(tool, input)), text("done")])
      const session = await host.session()
      expect(seen(await session.prompt("hello", { agent }))).toMatchObject({ model: fallback, text: "done" })
      await expectUnnoticed(session, ["hello"], primary)
      const models = (await session.history()).map(({ model }) => model)
      expect(models.filter((model) => model === primary)).toHaveLength(2)
      expect(asked(host, primary, fallback)).toEqual([1, 7])
    },
  )

  scenario(
    "whose permission is asked for leaves the session on the user's own model meanwhile, and costs no step",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503)])
      host.simulator.script(fallback, [bash])
      const session = await host.session()
      const sinceMs = performance.now()
      const reply = session.prompt("hello", { agent })
      await allow(host, sinceMs, () => expectModel(session, primary))
      expect(seen(await reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      await expectUnnoticed(session, ["hello"], primary)
      expect(asked(host, primary, fallback)).toEqual([1, 2])
      expect((await session.history()).map(({ model }) => model)).toEqual([
        primary,
        primary,
        fallback,
        fallback,
      ])
    },
  )

  scenario(
    "whose subagent asks for a permission leaves the session on the user's own model meanwhile",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const child = host.chain("chat")
      host.simulator.script(primary, [status(503)])
      host.simulator.script(fallback, [toolCall(...host.tools.subagent(child.agent, "ask"))])
      host.simulator.script(child.primary, [bash])
      const session = await host.session()
      const sinceMs = performance.now()
      const reply = session.prompt("hello", { agent })
      await allow(host, sinceMs, () => expectModel(session, primary))
      expect(seen(await reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      expect(asked(host, primary, fallback)).toEqual([1, 2])
    },
  )
})

describe.if(hasTmux)("the prompt box", () => {
  test("keeps the user's own model where a fallback has asked for a permission, where somebody comes back from another session, and in the next session", async () => {
    await using tui = await startTui({
      permission: "ask",
      understudy: { fallback_models: ["gamma/m1"] },
      args: ["--model", "alpha/m1"],
    })
    const [failing, calling, answering] = [gate(), gate(), gate()]
    const limited = status(429, { headers: { "retry-after": "300" }, message: "Too many requests" })
    const waiting = toolCall("bash", {
      command: "until test -e go; do sleep 0.1; done",
      description: "Waits",
    })
    tui.simulator.script("alpha/m1", [after(failing, limited)])
    tui.simulator.script("gamma/m1", [
      after(calling, waiting),
      after(answering, text("as you wish")),
      text("once more"),
    ])
    await tui.prompt("hello")
    await failing.reached
    // By then the terminal has read the new session: what it reads while that fails it would keep.
    await tui.waitForScreen(/A title/)
    failing.open()
    await calling.reached
    await comeBack(tui)
    calling.open()
    await tui.waitForScreen(/Permission required/)
    await tui.press("Enter")
    await tui.waitForScreen(/^(?![^]*Permission required)[^]*until test -e go[^]*· alpha\/m1 alpha/)
    await comeBack(tui)
    await Bun.write(join(tui.home.project, "go"), "")
    await answering.reached
    await comeBack(tui)
    answering.open()
    await tui.waitForScreen(/as you wish[^]*· alpha\/m1 alpha/)
    await tui.press("C-x", "n")
    await tui.waitForScreen(/Ask anything/)
    await tui.prompt("hello again")
    await tui.waitForScreen(/once more[^]*· alpha\/m1 alpha/)
    expect(asked(tui, "alpha/m1", "gamma/m1")).toEqual([1, 3])
  })
})

/** To a new session, and from the list of sessions back to the first one. Nobody is as quick as the loop. */
async function comeBack(tui: Tui): Promise<void> {
  const [session] = records(await tui.api.get("/session"))
  const messages = `/session/${String(session?.["id"])}/message`
  await eventually(async () => {
    const [prompt] = records(await tui.api.get(messages))
    return record(record(prompt?.["info"])["model"])["providerID"] === "alpha"
  }, 50)
  await tui.press("C-x", "n")
  await tui.waitForScreen(/Ask anything/)
  await tui.press("C-x", "l")
  await tui.waitForScreen(/Sessions/)
  await tui.press("Enter")
  await tui.waitForScreen(/hello[^]*· alpha\/m1 alpha/)
}
