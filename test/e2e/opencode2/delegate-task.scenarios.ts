import { describe, expect } from "bun:test"
import { status, text, toolCall, toolResults } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

describe("delegate_task", () => {
  const scenario = scenarios2(usualSettings)

  scenario("runs on the category's model, whose failure its own list meets", async (host) => {
    const task = { category: "quick", description: "a small task", prompt: "the whole task" }
    host.simulator.script("alpha/m8", [toolCall("delegate_task", task)])
    host.simulator.script("alpha/m6", [status(429)])
    host.simulator.script("gamma/m6", [text("done by the second")])
    const session = await host.session()
    const reply = await session.prompt("hello", { model: "alpha/m8" })
    expect(reply.error).toBeUndefined()
    const last = host.simulator.requests("alpha/m8").at(-1)
    expect(
      last &&
        toolResults(last)
          .map((result) => result.text)
          .join(),
    ).toContain("done by the second")
    expect(host.simulator.requests("gamma/m6")).toHaveLength(1)
  })

  scenario("runs a named subagent on its own model, and on its parent's where it has none", async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    const task = { description: "a small task", prompt: "the whole task" }
    host.simulator.script("gamma/m7", [
      toolCall("delegate_task", { ...task, subagent: agent }),
      toolCall("delegate_task", { ...task, subagent: "general" }),
      text("by the parent's model"),
      text("done"),
    ])
    const session = await host.session()
    expect(await session.prompt("hello", { model: "gamma/m7" })).toMatchObject({ text: "done" })
    expect(host.simulator.requests(primary)).toHaveLength(1)
    const results = host.simulator.requests("gamma/m7").flatMap((request) => toolResults(request))
    expect(results.at(-1)?.text).toContain("by the parent's model")
  })

  scenario("goes on in its own child, and in no other session", async (host) => {
    const task = { category: "deep", description: "a large task", prompt: "the whole task" }
    const lastResult = (): string => {
      const last = host.simulator.requests("alpha/m8").at(-1)
      return last === undefined ? "" : (toolResults(last).at(-1)?.text ?? "")
    }
    host.simulator.script("alpha/m8", [toolCall("delegate_task", task)])
    host.simulator.script("beta/m6", [text("first"), text("second")])
    const session = await host.session()
    await session.prompt("hello", { model: "alpha/m8" })
    const child = /session_id: (\w+)/.exec(lastResult())?.[1]
    host.simulator.script("alpha/m8", [toolCall("delegate_task", { ...task, session_id: child })])
    await session.prompt("again", { model: "alpha/m8" })
    expect(lastResult()).toContain("second")
    const other = await host.session()
    host.simulator.script("alpha/m8", [toolCall("delegate_task", { ...task, session_id: child })])
    await other.prompt("mine?", { model: "alpha/m8" })
    expect(lastResult()).toContain(`${child} is not a child session of this one`)
    expect(host.simulator.requests("beta/m6")).toHaveLength(2)
  })
})
