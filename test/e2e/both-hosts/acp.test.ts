/** An editor asks OpenCode over the Agent Client Protocol: JSON-RPC, one message a line. */
import { describe, expect } from "bun:test"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { eventually } from "../../eventually.ts"
import { repeat, status, text } from "../../simulator/index.ts"
import { type Json, record, string } from "../../simulator/protocol/json.ts"
import { ownGroup } from "../harness/child-process.ts"
import { type AnyHost, type AnySession, scenarios } from "../harness/index.ts"
import { opencodeBinary } from "../harness/opencode-binary.ts"
import { binary2, scenarios2 } from "../harness/opencode2/index.ts"
import type { ScenarioOf } from "../harness/scenarios.ts"
import { expectModel } from "../in-flight/unnoticed.ts"

const ownModel = "alpha/m1"

type Opener = AnyHost & { openSession(id: string): AnySession }

async function startEditor({ home, version }: AnyHost) {
  const binary = version === 1 ? opencodeBinary() : await binary2()
  const child = spawn(binary, ["acp"], { cwd: home.project, env: home.environment, detached: true })
  const end = ownGroup(child.pid ?? 0)
  const waiting = new Map<unknown, (answer: Json) => void>()
  let said = ""
  createInterface(child.stdout).on("line", (line) => {
    const message = record(JSON.parse(line))
    waiting.get(message["id"])?.(message)
    const update = record(record(message["params"])["update"])
    if (update["sessionUpdate"] === "agent_message_chunk") said += string(record(update["content"])["text"])
  })
  const call = async (method: string, params: object): Promise<Json> => {
    const { promise, resolve } = Promise.withResolvers<Json>()
    const id = waiting.size
    waiting.set(id, resolve)
    child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`)
    return promise
  }
  await call("initialize", { protocolVersion: 1, clientCapabilities: {} })
  let opened = record(undefined)
  // On a busy machine OpenCode 2 opens the first session before it has read the project's configuration.
  await eventually(async () => {
    opened = record((await call("session/new", { cwd: home.project, mcpServers: [] }))["result"])
    return JSON.stringify(opened).includes(`"${ownModel}"`)
  }, 50)
  const sessionId = string(opened["sessionId"])
  return {
    sessionId,
    prompt: (words: string) => call("session/prompt", { sessionId, prompt: [{ type: "text", text: words }] }),
    said: () => said,
    [Symbol.dispose]: end,
  }
}

const options = { opencode: { model: ownModel }, understudy: { fallback_models: ["gamma/m1"] } }

describe("an editor over ACP", () => {
  describe("OpenCode 1", () => getsAnswers(scenarios(options)))
  describe("OpenCode 2", () => getsAnswers(scenarios2(options)))
})

function getsAnswers<Any extends Opener>(scenario: ScenarioOf<Any>): void {
  scenario("gets the fallback's answer, and the one error that says everything", async (host) => {
    const shortly = status(429, { headers: { "retry-after": "1" }, message: "Too many requests" })
    host.simulator.script(ownModel, [shortly, repeat(status(401))])
    host.simulator.script("gamma/m1", [text("from the fallback"), repeat(status(401))])
    using editor = await startEditor(host)
    expect(await editor.prompt("hello")).toMatchObject({ result: { stopReason: "end_turn" } })
    expect(editor.said()).toBe("from the fallback")
    await expectModel(host.openSession(editor.sessionId), ownModel)
    // Of a rejected key alone it would be told that it has to log in.
    const { error } = await editor.prompt("again")
    const message = string(record(error)["message"])
    expect(message).toContain("No model is left for this turn.")
    for (const model of [ownModel, "gamma/m1"]) expect(message).toContain(`${model}: key was rejected`)
  })
}
