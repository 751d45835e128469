import { describe, expect } from "bun:test"
import {
  after,
  assistantTexts,
  empty,
  endOfStream,
  errorFrame,
  garbage,
  gate,
  raw,
  reset,
  say,
  stall,
  status,
  stream,
  textWithoutEnd,
  toolCall,
} from "../../simulator/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

const scenario = scenarios2({
  chains: [
    ["gateway", "anthropic"],
    ["bedrock", "anthropic"],
  ],
  understudy: {
    runtime_fallback: {
      stall_timeout_seconds: 3,
      same_model_retries: { server_error: 1, network: 1, quota: 5 },
    },
  },
})

scenario(
  "a subagent without a model of its own inherits the parent's, and the parent's list",
  async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [toolCall(...host.tools.subagent("general", "the task")), status(529)])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.error).toBeUndefined()
    const [child] = await session.children()
    expect((await child?.history())?.at(-2)).toMatchObject({ role: "assistant", error: undefined })
    expect(host.simulator.requests(fallback).length).toBeGreaterThan(0)
  },
)

const notice = raw('data: {"warning":"usage is not reported"}\n\n')
const tooMany = "Too many tokens, please wait before trying again."

for (const [what, protocol, step] of [
  ["an answer with nothing in it", "chat", empty()],
  ["a page of a proxy under status 200", "chat", garbage()],
  ["a reply that breaks off in a package of the AI SDK", "gateway", textWithoutEnd("Once upon a ")],
  ["a rate limit in words of a prompt that is too long", "bedrock", status(429, { message: tooMany })],
] as const)
  scenario(`${what} is a failure: the fallback answers`, async (host) => {
    const { agent, primary, fallback } = host.chain(protocol, "anthropic")
    host.simulator.always(primary, step)
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
    expect(host.simulator.requests(primary).length).toBeLessThan(3)
  })

for (const [what, beat] of [
  ["stalls", stall()],
  ["is cut", endOfStream()],
] as const)
  scenario(`a reply that ${what} behind a notice without choices is left at once`, async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "gemini")
    host.simulator.always(primary, stream(say("Once upon a "), notice, beat))
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
    expect(host.simulator.requests(primary)).toHaveLength(1)
  })

const inSeconds = (seconds: number) => status(429, { headers: { "retry-after": `${seconds}` } })

// They wait more than they work.
describe.concurrent("with nobody left", () => {
  scenario("the turn waits for the model that has said it is back first", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, inSeconds(120))
    host.simulator.script(fallback, [inSeconds(16), inSeconds(11)])
    const session = await host.session()
    expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
    expect(host.simulator.requests(primary)).toHaveLength(1)
    expect(host.simulator.requests(fallback)).toHaveLength(3)
    expect(host.toasts(`No other model is left: ${fallback}`)).toHaveLength(1)
  })

  scenario(
    "where OpenCode has asked often enough, the error names each model, wherever it is read",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      // Of which OpenCode would not ask again: our own pauses are the shorter ones.
      const limited = status(403, { message: "usage limit reached" })
      host.simulator.script(primary, [...Array.from({ length: 8 }, () => limited), reset()])
      host.simulator.always(fallback, status(401))
      const session = await host.session()
      await session.prompt("hello", { agent })
      const message = await session.errorText()
      expect(message).toContain(`${primary}: `)
      expect(message).toContain(`${fallback}: key was rejected`)
      // `opencode run` prints this one: the words of the last response.
      const { properties } = await session.waitForEvent("session.execution.failed")
      expect(properties["error"]).toMatchObject({ message })
      expect(host.simulator.requests(fallback)).toHaveLength(1)
      expect(host.simulator.requests(primary)).toHaveLength(9)
      expect(host.toasts(`No other model is left: ${fallback}`)).toHaveLength(1)
    },
  )
})

const search = { type: "server_tool_use", id: "srv_1", name: "web_search" }

/** Anthropic begins a web search of its own, and breaks off. */
const searching = stream(
  say("Let me see. "),
  ...[
    { index: 0, type: "content_block_stop" },
    { index: 1, type: "content_block_start", content_block: search },
    { index: 1, type: "content_block_delta", delta: { type: "input_json_delta", partial_json: "{}" } },
    { index: 1, type: "content_block_stop" },
  ].map((event) => raw(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)),
  errorFrame(),
)

scenario("a search of the provider's own that breaks off keeps no other protocol away", async (host) => {
  const { agent, primary, fallback } = host.chain("anthropic", "chat")
  host.simulator.script(primary, [searching])
  const session = await host.session()
  expect(await session.prompt("hello", { agent })).toMatchObject({ model: fallback, error: undefined })
  const [request] = host.simulator.requests(fallback)
  expect(request && assistantTexts(request)).toEqual(["Let me see. "])
})

scenario("a prompt that joins a failing run gets a turn of its own", async (host) => {
  const { agent, primary, fallback } = host.chain("chat", "anthropic")
  const held = gate()
  host.simulator.script(primary, [status(401), status(503)])
  host.simulator.script(fallback, [after(held, status(401))])
  const session = await host.session()
  await session.promptAsync("first", { agent })
  await held.reached
  await session.promptAsync("second")
  held.open()
  await session.waitForEvent("session.execution.succeeded")
  expect(session.outcomes()).toEqual(["failed", "succeeded"])
  const answers = (await session.history()).filter(({ role }) => role === "assistant")
  expect(answers.at(-1)).toMatchObject({ model: primary, error: undefined })
})
