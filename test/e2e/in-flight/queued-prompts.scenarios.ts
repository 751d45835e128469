/** Prompts that queue up while a step fails or a fallback answers. */
import { expect } from "bun:test"
import { after, gate, promptTexts, say, status, stream, text, wait } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectAsWritten, inFlightScenarios } from "./unnoticed.ts"

const scenario = inFlightScenarios(usualSettings)

scenario("the fallback answers both, each stands once", async (host) => {
  const { agent, primary, fallback } = host.chain("chat", "anthropic")
  const failing = gate()
  host.simulator.script(primary, [after(failing, status(503))])
  host.simulator.always(fallback, (request) => text(`to ${promptTexts(request).join(" and ")}`))
  const session = await host.session()
  const first = session.prompt("first", { agent })
  await failing.reached
  const second = session.promptAsync("second", { agent })
  await session.waitForEvent(
    (event) => event.type === "message.part.updated" && JSON.stringify(event).includes('"second"'),
  )
  failing.open()
  await second
  expect((await first).model).toBe(fallback)
  await session.idle()
  await expectAsWritten(session, ["first", "second"], primary)
  expect(host.simulator.requests(fallback).map(promptTexts).at(-1)?.join(" ")).toContain("second")
  expect(session.sessionErrors()).toEqual([])
  expect(session.retries()).toEqual([])
  expect(asked(host, primary)).toEqual([1])
})

scenario(
  "one that comes while the fallback answers leaves the session on the user's own model, and costs no step",
  async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const answering = gate()
    host.simulator.script(primary, [status(503)])
    host.simulator.script(fallback, [stream(say("one"), wait(answering)), text("two")])
    const session = await host.session()
    const first = session.prompt("first", { agent })
    await answering.reached
    const second = session.promptAsync("second", { agent, model: primary })
    await session.waitForEvent(
      (event) => event.type === "message.part.updated" && JSON.stringify(event).includes('"second"'),
    )
    await second
    expect(await session.model()).toBe(primary)
    answering.open()
    await first
    await session.idle()
    await expectAsWritten(session, ["first", "second"], primary)
    const answers = (await session.history()).filter(({ role }) => role === "assistant")
    expect(answers.map(({ model, text }) => [model, text])).toEqual([
      [primary, ""],
      [fallback, "one"],
      [fallback, "two"],
    ])
    expect(asked(host, primary, fallback)).toEqual([1, 2])
  },
)

scenario(
  "the second on another model: the loop goes there, and the first failure is not shown",
  async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    const failing = gate()
    host.simulator.script(primary, [after(failing, status(503))])
    const session = await host.session()
    const first = session.prompt("first", { agent })
    await failing.reached
    const second = session.promptAsync("second", { agent, model: "beta/m18" })
    await session.waitForEvent(
      (event) => event.type === "message.part.updated" && JSON.stringify(event).includes('"second"'),
    )
    failing.open()
    const [reply] = await Promise.all([first, second])
    await session.idle()
    expect(reply.model).toBe("beta/m18")
    expect(session.sessionErrors()).toEqual([])
    expect(asked(host, primary, "beta/m18")).toEqual([1, 1])
  },
)
