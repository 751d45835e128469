import { describe, expect } from "bun:test"
import {
  begin,
  finish,
  pause,
  ping,
  pingsOnly,
  promptTexts,
  say,
  silence,
  silenceAfterHeaders,
  stall,
  stream,
  text,
  think,
  toolCall,
  trickle,
} from "../../simulator/index.ts"
import type { ProtocolName, Step } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { asked, expectUnnoticed, inFlightScenarios, seen, wasLeft } from "./unnoticed.ts"

/** Four times the pauses of a model that is not silent: a busy machine makes pauses of its own. */
const limitMs = 800
/** Much longer than the limit, so that a clock that does not start anew would strike. */
const several = Array.from({ length: 8 })
const timeouts = { first_token_timeout_seconds: limitMs / 1_000, stall_timeout_seconds: limitMs / 1_000 }
const options = { understudy: { runtime_fallback: timeouts } }

describe("a model that is silent", () => {
  const scenario = inFlightScenarios(options)

  const rows: readonly (readonly [title: string, protocol: ProtocolName, step: Step])[] = [
    ["no headers", "chat", silence()],
    ["headers and nothing more", "responses", silenceAfterHeaders()],
    ["an opening frame and nothing more", "anthropic", stream(begin(), stall())],
    ["no headers", "gemini", silence()],
    ["keep-alive frames and nothing more", "anthropic", pingsOnly(50)],
  ]
  for (const [title, protocol, step] of rows) {
    scenario(`${protocol}, ${title}: is left after first_token_timeout_seconds`, async (host) => {
      const { agent, primary, fallback } = host.chain(protocol, "chat")
      host.simulator.always(primary, step)
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      await expectUnnoticed(session)
      expect(asked(host, primary, fallback)).toEqual([1, 1])
      const [silent] = host.simulator.requests(primary)
      const [next] = host.simulator.requests(fallback)
      const waited = (next?.atMs ?? 0) - (silent?.atMs ?? 0)
      expect(waited).toBeGreaterThan(limitMs - 50)
      expect(waited).toBeLessThan(limitMs + 5_000)
      expect(await wasLeft(host, primary)).toBe(true)
    })
  }

  for (const [title, protocol, rest] of [
    ["stalls", "anthropic", [stall()]],
    ["brings only keep-alive comments", "responses", several.flatMap(() => [ping(), pause(200)])],
  ] as const)
    scenario(
      `${protocol}: a reply that ${title} is left after stall_timeout_seconds and continued`,
      async (host) => {
        const { agent, primary, fallback } = host.chain(protocol, "chat")
        host.simulator.always(primary, stream(say("Once upon a "), ...rest))
        host.simulator.script(fallback, [text("time.")])
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(seen(reply)).toEqual({ model: fallback, text: "time.", error: undefined })
        await expectUnnoticed(session)
        expect(asked(host, primary, fallback)).toEqual([1, 1])
        expect(promptTexts(host.simulator.requests(fallback)[0] ?? never()).at(-1)).toContain("Continue it")
        expect(await wasLeft(host, primary)).toBe(true)
      },
    )
})

describe("a model that is not silent", () => {
  const scenario = inFlightScenarios(options)

  const rows: readonly (readonly [title: string, protocol: ProtocolName, step: Step, answer: string])[] = [
    [
      "streams a word now and then",
      "chat",
      trickle("one two three four five six", 200),
      "one two three four five six",
    ],
    [
      "shows its reasoning slowly",
      "anthropic",
      stream(...several.flatMap(() => [think("hm "), pause(200)]), say("so")),
      "so",
    ],
    [
      "finishes at once after a pause within the limit",
      "gemini",
      stream(pause(200), say("so"), finish("stop")),
      "so",
    ],
  ]
  for (const [title, protocol, step, answer] of rows) {
    scenario(`${protocol}: one that ${title} is not left`, async (host) => {
      const { agent, primary, fallback } = host.chain(protocol, "chat")
      host.simulator.script(primary, [step])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: primary, text: answer, error: undefined })
      await expectUnnoticed(session)
      expect(asked(host, primary, fallback)).toEqual([1, 0])
    })
  }
})

describe("a model that waits for the user", () => {
  const scenario = inFlightScenarios({ ...options, permission: "ask" })

  scenario("is not left while a permission is asked for", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.script(primary, [toolCall("bash", { command: "echo yes", description: "Asks first" })])
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    const event = await session.waitForEvent((seenEvent) =>
      /^permission\.(asked|updated)$/.test(seenEvent.type),
    )
    await Bun.sleep(limitMs * 3)
    const id = String(record(event.properties)["id"])
    await host.api.post(`/session/${session.id}/permissions/${id}`, { response: "once" })
    expect(seen(await reply)).toEqual({ model: primary, text: `${primary} says hello`, error: undefined })
    await expectUnnoticed(session)
    expect(asked(host, primary, fallback)).toEqual([2, 0])
  })
})

describe("without the settings", () => {
  const scenario = inFlightScenarios()

  scenario("no silence is too long", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.script(primary, [stream(pause(limitMs * 3), say("at last"))])
    const session = await host.session()
    expect((await session.prompt("hello", { agent })).text).toBe("at last")
    expect(asked(host, primary, fallback)).toEqual([1, 0])
  })
})

describe("where nobody can take over", () => {
  const scenario = inFlightScenarios(options)

  scenario("a silent model is waited for, as OpenCode would have done", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [stream(pause(limitMs * 2), say("at "), pause(limitMs * 2), say("last"))])
    const session = await host.session()
    expect((await session.prompt("hello", { agent })).text).toBe("at last")
    expect(session.retries()).toEqual([])
    expect(asked(host, primary)).toEqual([1])
  })
})

function never(): never {
  throw new Error("no request was made")
}
