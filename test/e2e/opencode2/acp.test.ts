import { describe, expect } from "bun:test"
/** An editor asks OpenCode 2 over the Agent Client Protocol: JSON-RPC, one message a line. */
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { repeat, status, text } from "../../simulator/index.ts"
import { type Json, record, string } from "../../simulator/protocol/json.ts"
import { ownGroup } from "../harness/child-process.ts"
import { binary2, type Host2, scenarios2 } from "../harness/opencode2/index.ts"
import { expectModel } from "../in-flight/unnoticed.ts"

async function startEditor({ home }: Host2) {
  const child = spawn(await binary2(), ["acp"], { cwd: home.project, env: home.environment, detached: true })
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
  const opened = record((await call("session/new", { cwd: home.project, mcpServers: [] }))["result"])
  const sessionId = string(opened["sessionId"])
  return {
    sessionId,
    prompt: (words: string) => call("session/prompt", { sessionId, prompt: [{ type: "text", text: words }] }),
    said: () => said,
    [Symbol.dispose]: end,
  }
}

describe("an editor over ACP", () => {
  const scenario = scenarios2({
    opencode: { model: "alpha/m1" },
    understudy: { fallback_models: ["gamma/m1"] },
  })

  scenario("gets the fallback's answer, and the one error that says everything", async (host) => {
    host.simulator.script("alpha/m1", [status(429, { headers: { "retry-after": "1" } }), repeat(status(401))])
    host.simulator.script("gamma/m1", [text("from the fallback"), repeat(status(401))])
    using editor = await startEditor(host)
    expect(record((await editor.prompt("hello"))["result"])["stopReason"]).toBe("end_turn")
    expect(editor.said()).toBe("from the fallback")
    await expectModel(host.openSession(editor.sessionId), "alpha/m1")
    // Of a rejected key alone it would be told that it has to log in.
    const { error } = await editor.prompt("again")
    expect(string(record(error)["message"])).toMatch(
      /No model is left for this turn\. alpha\/m1: .*; gamma\/m1: key was rejected/,
    )
  })
})
