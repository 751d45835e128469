/** An editor asks OpenCode over the Agent Client Protocol: JSON-RPC, one message a line. */
import { expect, test } from "bun:test"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import { eventually } from "../../eventually.ts"
import { repeat, status, text } from "../../simulator/index.ts"
import { type Json, record, records, string } from "../../simulator/protocol/json.ts"
import { ownGroup } from "../harness/child-process.ts"
import type { Home } from "../harness/home.ts"
import { opencodeBinary } from "../harness/opencode-binary.ts"
import { binary2, hasOpenCode2 } from "../harness/opencode2/index.ts"
import { makeWorkplace } from "../harness/workplace.ts"

const ownModel = "alpha/m1"

async function startEditor(home: Home, binary: string) {
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
    prompt: (words: string) => call("session/prompt", { sessionId, prompt: [{ type: "text", text: words }] }),
    said: () => said,
    /** The one that an editor shows beside the session when it is opened again. */
    shownModel: async () => {
      const resumed = await call("session/resume", { sessionId, cwd: home.project, mcpServers: [] })
      const configured = records(record(resumed["result"])["configOptions"])
      return configured.find(({ id }) => id === "model")?.["currentValue"]
    },
    [Symbol.dispose]: end,
  }
}

const hosts: readonly (readonly [string, () => string | Promise<string>])[] = [
  ["OpenCode 1", opencodeBinary],
  ...(hasOpenCode2 ? [["OpenCode 2", binary2] as const] : []),
]

test.each(hosts)(
  "an editor over ACP gets the fallback's answer, and the one error that says everything: %s",
  async (_, binary) => {
    await using workplace = await makeWorkplace({
      opencode: { model: ownModel },
      understudy: { fallback_models: ["gamma/m1"] },
    })
    const { home, simulator } = workplace
    const shortly = status(429, { headers: { "retry-after": "1" }, message: "Too many requests" })
    simulator.script(ownModel, [shortly, repeat(status(401))])
    simulator.script("gamma/m1", [text("from the fallback"), repeat(status(401))])
    using editor = await startEditor(home, await binary())
    expect(await editor.prompt("hello")).toMatchObject({ result: { stopReason: "end_turn" } })
    expect(editor.said()).toBe("from the fallback")
    expect(await editor.shownModel()).toBe(ownModel)
    // Of a rejected key alone it would be told that it has to log in.
    const { error } = await editor.prompt("again")
    const message = string(record(error)["message"])
    expect(message).toContain("No model is left for this turn.")
    for (const model of [ownModel, "gamma/m1"]) expect(message).toContain(`${model}: key was rejected`)
  },
)
