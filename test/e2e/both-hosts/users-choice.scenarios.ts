/** Whatever is lent, the user's own model is the user's. */
import { expect } from "bun:test"
import { after, type Gate, gate, status, type Step } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectModel, inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

inFlightOnBothHosts("a model that the user picks in the middle of a turn", usualSettings, (scenario) => {
  for (const [when, ofOwn, ofFallback] of [
    ["their own is about to fail", (held) => after(held, status(429)), undefined],
    ["a fallback is at work", () => status(503), (held) => after(held, status(529))],
  ] as readonly (readonly [string, (held: Gate) => Step, ((held: Gate) => Step)?])[])
    scenario(`while ${when} has every later prompt`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const [third = ""] = host.models(1)
      const held = gate()
      host.simulator.script(primary, [ofOwn(held)])
      if (ofFallback) host.simulator.script(fallback, [ofFallback(held)])
      const session = await host.session()
      await session.promptAsync("hello", { agent })
      await held.reached
      await session.switchModel(third)
      held.open()
      await session.wait()
      expect(await session.ending()).toBe("answered")
      // On OpenCode 2 the choice is the session's, and counts in the turn at hand.
      if (host.version === 2) {
        const answer = (await session.history()).findLast(({ role }) => role === "assistant")
        expect(answer).toMatchObject({ model: third })
        expect(asked(host, fallback)).toEqual([ofFallback ? 1 : 0])
      }
      expect(await session.prompt("again", { agent })).toMatchObject({ model: third, error: undefined })
      await expectModel(session, third)
      // With nobody left OpenCode 1 asks its own model again.
      if (!ofFallback) expect(asked(host, primary)).toEqual([1])
    })
})
