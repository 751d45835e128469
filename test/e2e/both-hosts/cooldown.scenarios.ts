import { expect } from "bun:test"
import { promptTexts, status, text, toolCall } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { endRest } from "../harness/shared-store.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

inFlightOnBothHosts("a model that cools down", usualSettings, (scenario) => {
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
    host.simulator.script(primary, [toolCall(...host.tools.shell(command)), status(429)])
    const early = await host.session()
    const reply = early.prompt("early", { agent })
    while (!(await Bun.file(`${host.home.project}/begun.txt`).exists())) await Bun.sleep(20)
    await (await host.session()).prompt("late", { agent })
    await Bun.write(`${host.home.project}/go.txt`, "")
    expect((await reply).model).toBe(fallback)
    await expectUnnoticed(early, ["early"])
    expect(asked(host, primary, fallback)).toEqual([2, 2])
  })

  scenario(
    "is not asked by the parent of a subagent that found it down, and nobody calls it back",
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "responses")
      host.simulator.script(primary, [toolCall(...host.tools.subagent(agent, "the task")), status(429)])
      const parent = await host.session()
      expect((await parent.prompt("delegate", { agent })).model).toBe(fallback)
      await expectUnnoticed(parent, ["delegate"])
      expect(asked(host, primary, fallback)).toEqual([2, 2])
      // A toast of its own, or the end of a later turn: what was to be told of the first one has been told.
      await parent.prompt("again", { agent })
      expect((await host.waitForToasts(primary)).map(({ variant }) => variant)).toEqual(["warning"])
    },
  )

  scenario("takes the next prompt when it is back, and the user is told", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503)])
    const session = await host.session()
    await session.prompt("first", { agent })
    await endRest(host, primary)
    const reply = await session.prompt("second", { agent })
    expect(seen(reply)).toEqual({ model: primary, text: `${primary} says hello`, error: undefined })
    await expectUnnoticed(session, ["first", "second"])
    expect(asked(host, primary, fallback)).toEqual([2, 1])
    expect((await host.waitForToast(`${primary} is back in use`)).variant).toBe("success")
    expect(host.simulator.requests(primary).map(promptTexts).at(-1)).toEqual(["first", "second"])
  })

  scenario("that is back takes a turn in which nobody was left; the own one is not asked", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(429))
    // Its rest is over before OpenCode asks again, however fast or slow the machine is.
    host.simulator.script(fallback, [status(503, { headers: { "retry-after-ms": "1" } }), text("well again")])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(seen(reply)).toEqual({ model: fallback, text: "well again", error: undefined })
    expect(asked(host, primary, fallback)).toEqual([1, 2])
  })
})
