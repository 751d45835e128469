import { describe, expect } from "bun:test"
import {
  after,
  begin,
  finish,
  gate,
  pause,
  ping,
  pingsOnly,
  promptTexts,
  type ProtocolName,
  say,
  silence,
  silenceAfterHeaders,
  stall,
  status,
  type Step,
  stream,
  text,
  think,
  trickle,
  wait,
} from "../../simulator/index.ts"
import { makeChains } from "../harness/chains.ts"
import type { HostOptions } from "../harness/index.ts"
import {
  asked,
  expectTakenOver,
  expectUnnoticed,
  inFlightOnBothHosts,
  seen,
  wasLeft,
} from "../in-flight/unnoticed.ts"

const limitMs = 2_000
/** For a model that must not be left, five times its pauses: a busy machine makes pauses of its own. */
const patientMs = 3_000
const pauseMs = 600
/** For a model that must answer in time before it is silent: a busy machine may take seconds for its first request. */
const talkingMs = 10_000
/** Much longer than the limit, so that a clock that does not start anew would strike. */
const several = Array.from({ length: 8 })
/** Until the client leaves: on a busy machine that is late. */
const endless = Array.from({ length: 100 })
const limitsOf = (firstMs: number, stallMs = firstMs) => ({
  first_token_timeout_seconds: firstMs / 1_000,
  stall_timeout_seconds: stallMs / 1_000,
})
/** What a busy machine cannot be late for. */
const ampleMs = 60_000
/** The fallback of chains whose own model is the patient one. */
const patient = "responses"
/** The fallback of chains whose own model may be late with its first words, and not with those that follow. */
const begun = "gemini"
/** Its own model first answers. */
const talking = "chat,anthropic"
/** The fallbacks are given ample time: on a busy machine they are silent, too. */
const options: HostOptions = {
  understudy: {
    runtime_fallback: limitsOf(limitMs),
    models: Object.fromEntries(
      makeChains({}).flatMap(({ protocols, primary, fallbacks }) => [
        ...(protocols.join() === talking ? [[primary, limitsOf(talkingMs)]] : []),
        ...(protocols[1] === patient ? [[primary, limitsOf(patientMs)]] : []),
        ...(protocols[1] === begun ? [[primary, limitsOf(ampleMs, limitMs)]] : []),
        ...fallbacks.map((model) => [model, limitsOf(ampleMs)]),
      ]),
    ),
  },
}

// They wait more than they work.
describe.concurrent("in time", () => {
  inFlightOnBothHosts("a model that is silent", options, (scenario) => {
    const rows: readonly (readonly [title: string, protocol: ProtocolName, step: Step])[] = [
      ["no headers", "chat", silence()],
      ["headers and nothing more", "responses", silenceAfterHeaders()],
      ["an opening frame and nothing more", "anthropic", stream(begin(), stall())],
      ["no headers", "gemini", silence()],
      ["keep-alive frames and nothing more", "anthropic", pingsOnly(50)],
    ]
    for (const [title, protocol, step] of rows) {
      scenario(`${protocol}, ${title}: is left after first_token_timeout_seconds`, async (host) => {
        const chain = host.chain(protocol, "chat")
        await expectTakenOver(host, chain, step)
        expect(await wasLeft(host, chain.primary)).toBe(true)
      })
    }

    scenario("a compaction to which it says nothing is another model's", async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [text("hello"), silenceAfterHeaders()])
      host.simulator.script(fallback, [text("## Objective\nSUMMARY"), text("again")])
      const session = await host.session()
      await session.prompt("hi", { agent })
      await session.compact()
      await session.compacted()
      await session.prompt("again", { agent })
      expect(JSON.stringify(host.simulator.requests(fallback).at(-1)?.body)).toContain("SUMMARY")
    })

    for (const [title, protocol, rest] of [
      ["stalls", "anthropic", [stall()]],
      ["brings only keep-alive comments", "responses", endless.flatMap(() => [ping(), pause(limitMs / 4)])],
    ] as const)
      scenario(
        `${protocol}: a reply that ${title} is left after stall_timeout_seconds and continued`,
        async (host) => {
          const { agent, primary, fallback } = host.chain(protocol, begun)
          host.simulator.always(primary, stream(say("Once upon a "), ...rest))
          host.simulator.script(fallback, [text("time.")])
          const session = await host.session()
          const reply = await session.prompt("hello", { agent })
          expect(seen(reply)).toEqual({ model: fallback, text: "time.", error: undefined })
          await expectUnnoticed(session)
          expect(asked(host, primary, fallback)).toEqual([1, 1])
          expect(promptTexts(host.simulator.requests(fallback)[0] ?? never()).at(-1)).toMatch(
            /continue (it|from)/i,
          )
          expect(await wasLeft(host, primary)).toBe(true)
        },
      )

    scenario("where nobody can take over it is waited for, as OpenCode would have done", async (host) => {
      const { agent, primary } = host.chain("chat")
      host.simulator.script(primary, [
        stream(pause(limitMs * 2), say("at "), pause(limitMs * 2), say("last")),
      ])
      const session = await host.session()
      expect((await session.prompt("hello", { agent })).text).toBe("at last")
      expect(session.setbacks()).toEqual([])
      expect(asked(host, primary)).toEqual([1])
    })

    for (const [title, step] of [
      ["says nothing", silence()],
      ["says nothing behind its headers", silenceAfterHeaders()],
      ["stalls", stream(say("Half "), stall())],
    ] as const)
      scenario(`where the list is used up, one that ${title} is asked again`, async (host) => {
        const { agent, primary, fallback } = host.chain("chat", "anthropic")
        host.simulator.always(fallback, status(401))
        host.simulator.script(primary, [step, step, text("at last")])
        const session = await host.session()
        expect(seen(await session.prompt("hello", { agent }))).toMatchObject({
          model: primary,
          text: "at last",
        })
        expect(asked(host, primary, fallback)).toEqual([3, 1])
      })
  })

  inFlightOnBothHosts("a model that is not silent", options, (scenario) => {
    const rows: readonly (readonly [title: string, protocol: ProtocolName, step: Step, answer: string])[] = [
      [
        "streams a word now and then",
        "chat",
        trickle("one two three four five six", pauseMs),
        "one two three four five six",
      ],
      [
        "shows its reasoning slowly",
        "anthropic",
        stream(...several.flatMap(() => [think("hm "), pause(pauseMs)]), say("so")),
        "so",
      ],
      [
        "finishes at once after a pause within the limit",
        "gemini",
        stream(pause(pauseMs), say("so"), finish("stop")),
        "so",
      ],
    ]
    for (const [title, protocol, step, answer] of rows) {
      scenario(`${protocol}: one that ${title} is not left`, async (host) => {
        const { agent, primary, fallback } = host.chain(protocol, patient)
        host.simulator.script(primary, [step])
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(seen(reply)).toEqual({ model: primary, text: answer, error: undefined })
        await expectUnnoticed(session)
        expect(asked(host, primary, fallback)).toEqual([1, 0])
      })
    }
  })
})

inFlightOnBothHosts("a model that is not silent", options, (scenario) => {
  scenario("one that speaks while OpenCode itself stands still (Ctrl+Z) is not left", async (host) => {
    const chains = [host.chain("gemini", "anthropic"), host.chain("chat", "anthropic")] as const
    const [inTheMiddle, atTheBeginning] = [gate(), gate()]
    host.simulator.script(chains[0].primary, [stream(say("it "), wait(inTheMiddle), say("goes on"))])
    host.simulator.script(chains[1].primary, [after(atTheBeginning, text("it begins"))])
    const sessions = [await host.session(), await host.session()] as const
    const replies = sessions.map((session, at) => session.prompt("hello", { agent: chains[at]?.agent ?? "" }))
    await inTheMiddle.reached
    await atTheBeginning.reached
    process.kill(-host.pid, "SIGSTOP")
    inTheMiddle.open()
    atTheBeginning.open()
    await Bun.sleep(limitMs * 1.5)
    process.kill(-host.pid, "SIGCONT")
    expect((await Promise.all(replies)).map(({ text: said }) => said)).toEqual(["it goes on", "it begins"])
    for (const { primary, fallback } of chains) expect(asked(host, primary, fallback)).toEqual([1, 0])
  })
})

function never(): never {
  throw new Error("no request was made")
}
