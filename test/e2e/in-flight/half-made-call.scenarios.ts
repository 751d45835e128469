/** What of a broken tool call stays in the timeline: nothing. OpenCode 2 keeps it; see its `host-facts.test.ts`. */
import { describe, expect } from "bun:test"
import { usualSettings } from "../harness/index.ts"
import { cut, halfCall, say, stream, text, toolCall } from "../../simulator/index.ts"
import { expectUnnoticed, inFlightScenarios } from "./unnoticed.ts"

describe("a tool call whose input broke off", () => {
  const scenario = inFlightScenarios(usualSettings)

  for (const from of ["chat", "responses", "anthropic", "gemini"] as const)
    scenario(`${from}: is gone from the timeline, and the calls of the fallback stay`, async (host) => {
      const { agent, primary, fallback } = host.chain(from, "chat")
      const broken = halfCall("bash", '{"command":"ec')
      host.simulator.script(primary, [stream(say("I look. "), broken, cut())])
      const command = { command: "echo whole", description: "Says so" }
      host.simulator.script(fallback, [toolCall("bash", command), text("done")])
      const session = await host.session()
      expect((await session.prompt("hello", { agent })).text).toBe("done")
      await expectUnnoticed(session)
      const calls = async (): Promise<readonly string[]> =>
        (await session.history()).flatMap(({ tools }) => tools)
      while ((await calls()).length > 1) await Bun.sleep(20)
      expect(await calls()).toEqual(["bash:completed"])
    })
})
