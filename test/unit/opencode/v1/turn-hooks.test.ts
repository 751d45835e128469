import { describe, expect, test } from "bun:test"
import type { TurnHooks } from "../../../../src/opencode/v1/turn-hooks.ts"
import { stepMarkerHeader } from "../../../../src/transport/step-marker.ts"
import { makeWorld } from "../../failover/world.ts"

/** The headers of a request that OpenCode prepares for this agent. */
async function headersFor(agent: string): Promise<readonly string[]> {
  const world = makeWorld()
  await world.message("msg_1", "a/own")
  const message = { id: "msg_1", agent: "build", model: { providerID: "a", modelID: "own" } }
  const model = { providerID: "a", id: "own", api: { npm: "@ai-sdk/openai-compatible" } }
  const output = { headers: {} }
  await world.hooks["chat.headers"](
    { sessionID: "ses_1", agent, model, message } as unknown as Parameters<TurnHooks["chat.headers"]>[0],
    output,
  )
  return Object.keys(output.headers)
}

describe("a request is marked", () => {
  test("as a step of the turn", async () => {
    expect(await headersFor("build")).toEqual([stepMarkerHeader])
  })

  test.each(["compaction", "title", "summary"])(
    "not for %s: an empty end would be taken for its result, and an empty summary wipes the context",
    async (agent) => {
      expect(await headersFor(agent)).toEqual([])
    },
  )
})
