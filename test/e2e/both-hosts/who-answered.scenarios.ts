/** Which model has answered stands where people look it up later: in the history, in an export. */
import { expect } from "bun:test"
import { textWithoutEnd } from "../../simulator/index.ts"
import { record, records, string } from "../../simulator/protocol/json.ts"
import { usualSettings } from "../harness/index.ts"
import { exportSession } from "../harness/run.ts"
import { inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

const half = "Half of it "

inFlightOnBothHosts("each part of a turn", usualSettings, (scenario) => {
  scenario("bears the model that wrote it, on version 1 in `opencode export` as well", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [textWithoutEnd(half)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    const answers = [`${primary}: ${half}`, `${fallback}: ${fallback} says hello`]
    const said = (await session.history()).filter(({ role, text }) => role === "assistant" && text !== "")
    expect(said.map(({ model, text }) => `${model}: ${text}`)).toEqual(answers)
    if (host.version === 2) return
    const exported = records(record(await exportSession(host.home, session.id))["messages"])
    expect(exported.flatMap(exportedTexts)).toEqual([`${primary}: hello`, ...answers])
  })
})

/** What stands in a message of `opencode export`, behind its model. */
function exportedTexts(message: Readonly<Record<string, unknown>>): readonly string[] {
  const info = record(message["info"])
  const { providerID, modelID } = info["role"] === "user" ? record(info["model"]) : info
  return records(message["parts"]).flatMap(({ type, text }) =>
    type === "text" ? [`${string(providerID)}/${string(modelID)}: ${string(text)}`] : [],
  )
}
