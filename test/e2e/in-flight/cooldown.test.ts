import { describe, expect } from "bun:test"
import { after, gate, promptTexts, status, text, toolCall } from "../../simulator/index.ts"
import { asked, expectAsWritten, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

describe("a model that cools down", () => {
  const scenario = inFlightScenarios({ understudy: { runtime_fallback: { cooldown_seconds: 600 } } })

  scenario("is not asked for the second prompt", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    const session = await host.session()
    await session.prompt("first", { agent })
    const reply = await session.prompt("second", { agent })
    expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
    await expectUnnoticed(session, ["first", "second"], primary)
    expect(asked(host, primary, fallback)).toEqual([1, 2])
    expect(await host.waitForToasts(primary)).toHaveLength(1)
  })

  scenario("is not asked in another session either", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    await (await host.session()).prompt("first", { agent })
    const other = await host.session()
    expect((await other.prompt("second", { agent })).model).toBe(fallback)
    await expectUnnoticed(other, ["second"], primary)
    expect(asked(host, primary, fallback)).toEqual([1, 2])
  })

  scenario("is not asked by a turn that was under way when it failed elsewhere", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const command = "touch begun.txt; while [ ! -e go.txt ]; do sleep 0.02; done"
    host.simulator.script(primary, [toolCall("bash", { command, description: "Waits" }), status(429)])
    const early = await host.session()
    const reply = early.prompt("early", { agent })
    await early.waitForEvent(
      (event) =>
        event.type === "message.part.updated" && JSON.stringify(event).includes('"status":"running"'),
    )
    await (await host.session()).prompt("late", { agent })
    await Bun.write(`${host.home.project}/go.txt`, "")
    expect((await reply).model).toBe(fallback)
    await expectUnnoticed(early, ["early"])
    expect(asked(host, primary, fallback)).toEqual([2, 2])
  })
})

describe("a model that is back", () => {
  const scenario = inFlightScenarios({ understudy: { runtime_fallback: { cooldown_seconds: 1 } } })

  scenario("takes the next prompt, and the user is told", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503)])
    const session = await host.session()
    await session.prompt("first", { agent })
    await Bun.sleep(1_500)
    const reply = await session.prompt("second", { agent })
    expect(seen(reply)).toEqual({ model: primary, text: `${primary} says hello`, error: undefined })
    await expectUnnoticed(session, ["first", "second"])
    expect(asked(host, primary, fallback)).toEqual([2, 1])
    expect((await host.waitForToast(`${primary} is back`)).variant).toBe("success")
    expect(host.simulator.requests(primary).map(promptTexts).at(-1)).toEqual(["first", "second"])
  })
})

describe("prompts that queue up while a step fails", () => {
  const scenario = inFlightScenarios()

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
    await Promise.all([first, second])
    await session.idle()
    await expectAsWritten(session, ["first", "second"], primary)
    expect(host.simulator.requests(fallback).map(promptTexts).at(-1)?.join(" ")).toContain("second")
    expect(session.sessionErrors()).toEqual([])
    expect(session.retries()).toEqual([])
    expect(asked(host, primary)).toEqual([1])
  })

  scenario(
    "the second on another model: the loop goes there, and the first failure is not shown",
    async (host) => {
      const { agent, primary } = host.chain("chat", "anthropic")
      const failing = gate()
      host.simulator.script(primary, [after(failing, status(503))])
      const session = await host.session()
      const first = session.prompt("first", { agent })
      await failing.reached
      const second = session.promptAsync("second", { agent, model: "beta/m40" })
      await session.waitForEvent(
        (event) => event.type === "message.part.updated" && JSON.stringify(event).includes('"second"'),
      )
      failing.open()
      const [reply] = await Promise.all([first, second])
      await session.idle()
      expect(reply.model).toBe("beta/m40")
      expect(session.sessionErrors()).toEqual([])
      expect(asked(host, primary, "beta/m40")).toEqual([1, 1])
    },
  )
})
