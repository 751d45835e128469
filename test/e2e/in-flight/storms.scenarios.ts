/** Ends over which OpenCode alone asks the same model again at once and without end. */
import { expect } from "bun:test"
import { type Beat, endOfStream, type ProtocolName, raw, say, status, stream } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const scenario = inFlightScenarios(usualSettings)

const data = (value: unknown): Beat => raw(`data: ${JSON.stringify(value)}\n\n`)
const chat = (reason: string): readonly Beat[] => [
  data({ id: "1", choices: [{ index: 0, delta: {}, finish_reason: reason }] }),
  raw("data: [DONE]\n\n"),
]
const anthropic = (stop_reason: string): readonly Beat[] => [
  data({ type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 1 } }),
  data({ type: "message_stop" }),
]
const gemini = (finishReason: string): readonly Beat[] => [
  data({ candidates: [{ content: { role: "model", parts: [] }, finishReason, index: 0 }] }),
]

const rows: readonly (readonly [ProtocolName, string, readonly Beat[]])[] = [
  ["chat", "a word that nobody knows", chat("eos")],
  ["chat", "tool calls that are none", chat("tool_calls")],
  ["anthropic", "a word that nobody knows", anthropic("tired")],
  ["anthropic", "tool calls that are none", anthropic("tool_use")],
  ["gemini", "a word that nobody knows", gemini("OTHER")],
]

for (const [protocol, end, beats] of rows) {
  scenario(`${protocol}: an answer that ends with ${end} is the answer`, async (host) => {
    const { agent, primary, fallback } = host.chain(protocol, "chat")
    const close = protocol === "anthropic" ? [raw('data: {"type":"content_block_stop","index":0}\n\n')] : []
    host.simulator.always(primary, stream(say("All is well."), ...close, ...beats, endOfStream()))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(seen(reply)).toEqual({ model: primary, text: "All is well.", error: undefined })
    await expectUnnoticed(session)
    expect(asked(host, primary, fallback)).toEqual([1, 0])
  })

  scenario(`${protocol}: nothing that ends with ${end} is a failure`, async (host) => {
    const { agent, primary, fallback } = host.chain(protocol, "chat")
    host.simulator.always(primary, stream(...beats, endOfStream()))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
    await expectUnnoticed(session)
    expect(asked(host, primary, fallback)).toEqual([1, 1])
  })
}

scenario("an answer without a body is a failure", async (host) => {
  const { agent, primary, fallback } = host.chain("chat", "chat")
  host.simulator.always(primary, status(204, { body: "" }))
  const session = await host.session()
  const reply = await session.prompt("hello", { agent })
  expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
  expect(asked(host, primary, fallback)).toEqual([1, 1])
})
