/** What OpenCode 1 shows of a turn that went on with the fallback, and models of us. */
import { expect } from "bun:test"
import { offeredTools, status, text, textThenError } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, inFlightScenarios } from "./unnoticed.ts"

const scenario = inFlightScenarios(usualSettings)

scenario(
  "the answer is labelled with the model that gave it, and nothing else is there to see",
  async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.always(primary, status(503))
    const session = await host.session()
    await session.prompt("hello", { agent })
    const messages = await session.messages()
    const visible = messages.filter((message) => message.parts.some((part) => part["type"] === "text"))
    expect(visible.map((message) => `${message.role} ${message.model} ${message.text}`)).toEqual([
      `user ${primary} hello`,
      `assistant ${fallback} ${fallback} says hello`,
    ])
    // The TUI prints a footer under a step that ended with "stop".
    const footers = messages.filter((message) => message.finish === "stop")
    expect(footers.map((message) => message.model)).toEqual([fallback])
    expect(asked(host, primary, fallback)).toEqual([1, 1])
  },
)

scenario("opencode run prints what was shown and its continuation, and exits 0", async (host) => {
  const { agent, primary, fallback } = host.chain("responses", "gemini")
  // Not a reset: nobody can see from outside when `run` has read the text, and a reset may overtake it.
  host.simulator.script(primary, [textThenError("Once upon a ")])
  host.simulator.script(fallback, [text("time.")])
  const result = await host.run(["hello"], { agent })
  expect(result.stdout.replaceAll(/\s+/g, " ").trim()).toBe("Once upon a time.")
  expect(result.exitCode).toBe(0)
})

scenario("without categories no model is offered delegate_task", async (host) => {
  const { agent, primary } = host.chain("chat")
  await (await host.session()).prompt("hi", { agent })
  const tools = host.simulator.requests(primary).flatMap(offeredTools)
  expect(tools).toContain("bash")
  expect(tools).not.toContain("delegate_task")
})
