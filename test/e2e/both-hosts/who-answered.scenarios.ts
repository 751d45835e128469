/** Which model has answered stands where people look it up later: in the history, in an export. */
import { describe, expect } from "bun:test"
import { textWithoutEnd } from "../../simulator/index.ts"
import { record, records, string } from "../../simulator/protocol/json.ts"
import { type HistoryEntry, scenarios, usualSettings } from "../harness/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { exportSession } from "../harness/run.ts"

const half = "Half of it "

/** What was said, and who said it. */
function saidBy(history: readonly HistoryEntry[]): readonly string[] {
  return history.flatMap(({ role, model, text }) =>
    role === "assistant" && text !== "" ? [`${model}: ${text}`] : [],
  )
}

describe("who answered, on OpenCode 1", () => {
  const scenario = scenarios(usualSettings)

  scenario(
    "each part of a turn bears the model that wrote it, in `opencode export` as well",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [textWithoutEnd(half)])
      const session = await host.session()
      await session.prompt("hello", { agent })
      const expected = [`${primary}: ${half}`, `${fallback}: ${fallback} says hello`]
      expect(saidBy(await session.history())).toEqual(expected)
      const exported = records(record(await exportSession(host.home, session.id))["messages"])
      const written = exported.flatMap((message) => {
        const info = record(message["info"])
        const texts = records(message["parts"]).flatMap(({ type, text }) =>
          type === "text" ? [string(text)] : [],
        )
        const model = `${string(info["providerID"] ?? "")}/${string(info["modelID"] ?? "")}`
        return info["role"] === "assistant" ? texts.map((text) => `${model}: ${text}`) : []
      })
      expect(written).toEqual(expected)
    },
  )
})

describe("who answered, on OpenCode 2", () => {
  const scenario = scenarios2(usualSettings)

  scenario("each part of a turn bears the model that wrote it", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [textWithoutEnd(half)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    expect(saidBy(await session.history())).toEqual([
      `${primary}: ${half}`,
      `${fallback}: ${fallback} says hello`,
    ])
  })
})
