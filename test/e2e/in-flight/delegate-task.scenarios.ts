import { describe, expect } from "bun:test"
import {
  after,
  gate,
  promptTexts,
  repeat,
  status,
  text,
  toolCall,
  toolResults,
} from "../../simulator/index.ts"
import { scenarios, usualSettings } from "../harness/index.ts"
import { expectModel } from "./unnoticed.ts"

describe("delegate_task", () => {
  const scenario = scenarios(usualSettings)
  /** A parent that delegates once and then repeats what it got. */
  const delegates = (input: Record<string, unknown>) => (request: Parameters<typeof toolResults>[0]) => {
    const [result] = toolResults(request)
    return result === undefined
      ? toolCall("delegate_task", { description: "a task", prompt: "do it", ...input })
      : text(`parent got: ${result.text}`)
  }

  scenario("runs a task on the category's model and returns answer and session id", async (host) => {
    const parent = host.chain("responses")
    host.simulator.script(parent.primary, [repeat(delegates({ category: "quick" }))])
    host.simulator.script("alpha/m6", [text("the child's answer")])
    const session = await host.session()
    const reply = await session.prompt("go", { agent: parent.agent })
    expect(reply.text).toContain("the child's answer")
    expect(reply.text).toMatch(/session_id: ses_/)
    const [asked] = host.simulator.requests("alpha/m6")
    expect(JSON.stringify(asked && promptTexts(asked))).toContain("Answer in one line.")
    const offered = JSON.stringify(host.simulator.requests(parent.primary)[0]?.body)
    expect(offered).toContain("small, fast jobs")
    expect(await session.children()).toHaveLength(1)
  })

  scenario("a child follows its category's chain, and the parent gets one real answer", async (host) => {
    const parent = host.chain("responses")
    host.simulator.script(parent.primary, [repeat(delegates({ category: "quick" }))])
    host.simulator.script("alpha/m6", [status(503)])
    host.simulator.script("gamma/m6", [text("the stand-in's answer")])
    const session = await host.session()
    const reply = await session.prompt("go", { agent: parent.agent })
    expect(reply.text).toContain("parent got: the stand-in's answer")
    expect(host.simulator.requests(parent.primary)).toHaveLength(2)
    expect(session.sessionErrors()).toHaveLength(0)
  })

  scenario(
    "leaves the session of a parent on a fallback on the user's own model while the child works",
    async (host) => {
      const parent = host.chain("chat", "anthropic")
      const answering = gate()
      host.simulator.script(parent.primary, [status(503)])
      host.simulator.script(parent.fallback, [repeat(delegates({ category: "slow" }))])
      // By its second request the step that called it is long over.
      const glob = toolCall("glob", { pattern: "*" })
      host.simulator.script("alpha/m7", [glob, after(answering, text("the child's answer"))])
      const session = await host.session()
      const reply = session.prompt("go", { agent: parent.agent })
      await answering.reached
      await expectModel(session, parent.primary)
      answering.open()
      expect((await reply).text).toContain("parent got: the child's answer")
      await expectModel(session, parent.primary)
    },
  )

  scenario("a named subagent does the task", async (host) => {
    const parent = host.chain("responses")
    const child = host.chain("chat", "anthropic")
    host.simulator.script(parent.primary, [repeat(delegates({ subagent: child.agent }))])
    host.simulator.script(child.primary, [text("from the subagent")])
    const session = await host.session()
    expect((await session.prompt("go", { agent: parent.agent })).text).toContain("from the subagent")
  })

  scenario("a named subagent without a model of its own runs on its parent's", async (host) => {
    host.simulator.script("gamma/m7", [
      toolCall("delegate_task", { description: "a task", prompt: "do it", subagent: "general" }),
      text("by the parent's model"),
      (request) => text(`parent got: ${toolResults(request).at(-1)?.text}`),
    ])
    const session = await host.session()
    const reply = await session.prompt("go", { model: "gamma/m7" })
    expect(reply.text).toContain("parent got: by the parent's model")
  })

  scenario("the same child can be asked again", async (host) => {
    const parent = host.chain("responses")
    const child = host.chain("chat", "anthropic")
    host.simulator.script(child.primary, [text("first answer"), text("second answer")])
    host.simulator.script(parent.primary, [repeat(delegates({ subagent: child.agent }))])
    const session = await host.session()
    const first = await session.prompt("go", { agent: parent.agent })
    const id = /session_id: (ses_\w+)/.exec(first.text)?.[1]
    host.simulator.script(parent.primary, [
      toolCall("delegate_task", {
        description: "again",
        prompt: "go on",
        subagent: child.agent,
        session_id: id,
      }),
      (request) => text(`parent got: ${toolResults(request).at(-1)?.text}`),
    ])
    const second = await session.prompt("again", { agent: parent.agent })
    expect(second.text).toContain("second answer")
    expect(await session.children()).toHaveLength(1)
    const last = host.simulator.requests(child.primary).at(-1)
    expect(JSON.stringify(last?.body)).toContain("first answer")
  })

  scenario("a mistake in the arguments is told to the parent, and no session is started", async (host) => {
    const parent = host.chain("responses")
    host.simulator.script(parent.primary, [repeat(delegates({ category: "nonsense" }))])
    const session = await host.session()
    const reply = await session.prompt("go", { agent: parent.agent })
    expect(reply.text).toContain("Known: quick, slow, deep")
    expect(await session.children()).toHaveLength(0)
  })

  scenario("a session that is no child of its own is not continued, and the parent is told", async (host) => {
    const parent = host.chain("chat")
    const other = await host.session()
    await other.prompt("somebody else's", { agent: parent.agent })
    host.simulator.script(parent.primary, [repeat(delegates({ category: "quick", session_id: other.id }))])
    const session = await host.session()
    const reply = await session.prompt("go", { agent: parent.agent })
    expect(reply.text).toContain(`${other.id} is not a child session of this one`)
    expect(await session.children()).toHaveLength(0)
    expect(await other.history()).toHaveLength(2)
  })

  scenario("Esc in the parent ends the child, and no request follows", async (host) => {
    const parent = host.chain("responses")
    const child = host.chain("chat", "anthropic")
    const held = gate()
    host.simulator.script(parent.primary, [repeat(delegates({ subagent: child.agent }))])
    host.simulator.script(child.primary, [after(held, text("too late"))])
    const session = await host.session()
    await session.promptAsync("go", { agent: parent.agent })
    await host.simulator.waitForRequest((request) => request.model === child.primary)
    const [childSession] = await session.children()
    await session.abort()
    await session.idle()
    await childSession?.idle()
    held.open()
    expect(host.simulator.requests(parent.primary)).toHaveLength(1)
    expect(host.simulator.requests(child.fallback)).toHaveLength(0)
  })
})
