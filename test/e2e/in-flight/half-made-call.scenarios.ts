/** What of a broken tool call stays in the timeline: nothing. OpenCode 2 keeps it; see its `host-facts.test.ts`. */
import { describe, expect } from "bun:test"
import { abortedTool } from "../../../src/opencode/v1/host/half-made-calls.ts"
import { cut, halfCall, say, stream, text, toolCall } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { usualSettings } from "../harness/index.ts"
import { expectUnnoticed, inFlightScenarios } from "./unnoticed.ts"

/** A call over HTTP, on a machine with much else to do. */
const removedWithinMs = 10_000

describe("a tool call whose input broke off", () => {
  const scenario = inFlightScenarios(usualSettings)

  const rows = [
    // There OpenCode is not shown a call before it is whole.
    ["chat", 0],
    ["gemini", 0],
    ["responses", 1],
    ["anthropic", 1],
  ] as const
  for (const [from, known] of rows)
    scenario(`${from}: is gone from the timeline, and the calls of the fallback stay`, async (host) => {
      const { agent, primary, fallback } = host.chain(from, "chat")
      const broken = halfCall("bash", '{"command":"ec')
      host.simulator.script(primary, [stream(say("I look. "), broken, cut())])
      const command = { command: "echo whole", description: "Says so" }
      host.simulator.script(fallback, [toolCall("bash", command), text("done")])
      const session = await host.session()
      expect((await session.prompt("hello", { agent })).text).toBe("done")
      await expectUnnoticed(session)
      const parts = session.events("message.part.updated").map(({ properties }) => record(properties["part"]))
      const aborted = parts.filter((part) => record(part["state"])["error"] === abortedTool)
      expect(aborted).toHaveLength(known)
      for (const { id } of aborted)
        await session.waitForEvent(
          ({ type, properties }) => type === "message.part.removed" && properties["partID"] === id,
          removedWithinMs,
        )
      const calls = (await session.history()).flatMap(({ tools }) => tools)
      expect(calls).toEqual(["bash:completed"])
    })
})
