/** What OpenCode 1 shows of a turn that went on with the fallback. */
import { expect } from "bun:test"
import { status } from "../../simulator/index.ts"
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
