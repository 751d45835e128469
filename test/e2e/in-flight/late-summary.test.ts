import { expect } from "bun:test"
import { after, call, errorFrame, finish, gate, say, stream, text, wait } from "../../simulator/index.ts"
import { scenarios, untilLogged } from "../harness/index.ts"

const scenario = scenarios({
  understudy: {
    runtime_fallback: { first_token_timeout_seconds: 1, fallback_on: ["billing"] },
  },
})
const full = { inputTokens: 195_000, outputTokens: 20 }
const fillsWindow = stream(
  call("bash", { command: "true", description: "Runs a command" }),
  finish("tool-calls", full),
)

scenario("a summary that was waited for and then breaks in its middle is the next model's", async (host) => {
  const { agent, primary, fallback } = host.chain("anthropic", "chat")
  const late = gate()
  // OpenCode does not ask again over this one.
  const spent = { type: "invalid_request_error", message: "Your credit balance is too low" }
  const broken = errorFrame({ json: { type: "error", error: spent } })
  host.simulator.script(primary, [fillsWindow, stream(wait(late), say("half of it"), broken)])
  const goesOn = gate()
  host.simulator.script(fallback, [text("SUMMARY: the word is plum"), after(goesOn, text("it is plum"))])
  const session = await host.session()
  await session.promptAsync("the word is plum", { agent })
  await late.reached
  await untilLogged(host, `left to OpenCode: ${primary} timeout`)
  late.open()
  await goesOn.reached
  goesOn.open()
  const last = JSON.stringify(host.simulator.requests(fallback).at(-1)?.body)
  expect(last).toContain("SUMMARY: the word is plum")
  expect(host.simulator.requests(primary)).toHaveLength(2)
})
