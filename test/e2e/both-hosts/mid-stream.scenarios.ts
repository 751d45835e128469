import { expect } from "bun:test"
import {
  assistantTexts,
  type Beat,
  cut,
  endOfStream,
  errorFrame,
  halfCall,
  promptTexts,
  raw,
  reasoning,
  say,
  status,
  stream,
  text,
  think,
  toolCall,
  toolCalls,
  toolResults,
} from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

const protocols = ["chat", "responses", "anthropic", "gemini"] as const

type Break = readonly [title: string, beat: Beat]
const error: Break = ["an error frame", errorFrame()]
const broken: Break = ["a reset", cut()]
const endless: Break = ["an end without terminator", endOfStream()]
const breaks = [error, broken, endless]

/** How a call breaks off; version 1's `half-made-call.scenarios.ts` has the resets. */
const breakOf = { chat: error, responses: broken, anthropic: endless, gemini: error } as const

inFlightOnBothHosts("a reply that breaks off", usualSettings, (scenario) => {
  for (const from of protocols) {
    const to = from === "anthropic" ? "chat" : "anthropic"
    for (const [title, beat] of breaks) {
      scenario(
        `${from}, ${title}: what was shown stays, and the fallback is asked to continue it`,
        async (host) => {
          const { agent, primary, fallback } = host.chain(from, to)
          host.simulator.script(primary, [stream(say("Once upon a "), beat)])
          host.simulator.script(fallback, [text("time.")])
          const session = await host.session()
          const reply = await session.prompt("hello", { agent })
          expect(seen(reply)).toEqual({ model: fallback, text: "time.", error: undefined })
          await expectUnnoticed(session)
          expect(asked(host, primary, fallback)).toEqual([1, 1])
          const shown = (await session.history()).filter(
            ({ role }) => role === "user" || role === "assistant",
          )
          expect(shown.map((entry) => entry.text)).toEqual(["hello", "Once upon a ", "time."])
          const [request] = host.simulator.requests(fallback)
          expect(request && assistantTexts(request).join("").trim()).toBe("Once upon a")
          expect(request && promptTexts(request)).toEqual([
            "hello",
            expect.stringMatching(/continue (it|from)/i),
          ])
        },
      )
    }
    const [title, beat] = breakOf[from]
    scenario(`${from}, ${title}: a half-made tool call is not run`, async (host) => {
      const { agent, primary, fallback } = host.chain(from, to)
      const file = `half-${from}-${beat.kind}.txt`
      host.simulator.script(primary, [
        stream(
          say("I look. "),
          halfCall(host.tools.shell("")[0], `{"command":"echo ran > ${file}","descr`),
          beat,
        ),
      ])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      await expectUnnoticed(session)
      expect(await Bun.file(`${host.home.project}/${file}`).exists()).toBe(false)
      const [request] = host.simulator.requests(fallback)
      expect(request && toolResults(request).filter((result) => /\bran\b/.test(result.text))).toEqual([])
      expect(asked(host, primary, fallback)).toEqual([1, 1])
    })
  }
})

const heartbeat = raw("event: ping\ndata: {}\n\n")
const keepalive = raw('event: keepalive\ndata: {"type":"keepalive","sequence_number":5}\n\n')
const progress = raw('data: {"tool":"search_files","label":"a look at it","status":"running"}\n\n')

inFlightOnBothHosts("the middle of a stream", usualSettings, (scenario) => {
  for (const protocol of ["chat", "responses", "anthropic", "cohere", "gateway"] as const)
    scenario(`${protocol}: what is no part of an answer costs none`, async (host) => {
      const { agent, primary, fallback } = host.chain(protocol, "chat")
      const notices = [heartbeat, progress, ...(protocol === "gateway" ? [] : [keepalive])]
      host.simulator.script(primary, [
        stream(...notices, say("Once upon a "), ...notices, say("time."), ...notices),
      ])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: primary, text: "Once upon a time.", error: undefined })
      await expectUnnoticed(session)
      expect(asked(host, primary, fallback)).toEqual([1, 0])
    })

  scenario("reasoning alone is not continued: the fallback begins anew", async (host) => {
    const { agent, primary, fallback } = host.chain("anthropic", "chat")
    host.simulator.script(primary, [stream(think("Let me think. "), cut())])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.text).toBe(`${fallback} says hello`)
    await expectUnnoticed(session)
    // OpenCode 2 adds a request of its own to continue.
    const [prompts = []] = host.simulator.requests(fallback).map(promptTexts)
    expect(host.version === 1 ? prompts : prompts.slice(0, 1)).toEqual(["hello"])
  })

  scenario(
    "an error frame that is no reason to fall back reaches OpenCode, and is no cut either",
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      const error = {
        type: "invalid_request_error",
        message: "messages.0: text content blocks must be non-empty",
      }
      host.simulator.always(primary, stream(say("Half "), errorFrame(error)))
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(reply.error).toBeDefined()
      await session.wait()
      expect(session.setbacks().map(({ kind }) => kind)).toEqual(["error"])
      expect(asked(host, primary, fallback)).toEqual([1, 0])
    },
  )

  scenario("a second model that breaks off as well is continued by the third", async (host) => {
    const chain = host.chain("chat", "chat", "anthropic")
    const [first = "", second = "", third = ""] = chain.models
    host.simulator.script(first, [stream(say("One "), cut())])
    host.simulator.script(second, [stream(say("two "), errorFrame())])
    host.simulator.script(third, [text("three.")])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: chain.agent })
    expect(reply.text).toBe("three.")
    await expectUnnoticed(session)
    const [request] = host.simulator.requests(third)
    expect(request && assistantTexts(request).map((part) => part.trim())).toEqual(["One", "two"])
    expect(asked(host, first, second, third)).toEqual([1, 1, 1])
  })

  scenario(
    "a subagent's reply that breaks off is continued, and its parent gets the end of it",
    async (host) => {
      const parent = host.chain("chat")
      const child = host.chain("chat", "anthropic")
      host.simulator.script(parent.primary, [
        toolCall(...host.tools.subagent(child.agent, "who are you?")),
        (request) => text(`it said: ${toolResults(request).at(-1)?.text ?? "nothing"}`),
      ])
      host.simulator.script(child.primary, [stream(say("I am "), errorFrame())])
      host.simulator.script(child.fallback, [text("the other.")])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: parent.agent })
      expect(reply.text).toContain("the other.")
      await expectUnnoticed(session)
    },
  )

  scenario(
    "an answer without fault passes as it is: no toast, no follow-up, no second request",
    async (host) => {
      const { agent, primary, fallback } = host.chain("responses", "chat")
      host.simulator.script(primary, [reasoning("Well. ", "All is well.")])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: primary, text: "All is well.", error: undefined })
      await expectUnnoticed(session)
      expect((await session.history()).filter(({ role }) => role === "assistant")).toHaveLength(1)
      expect(host.toasts(primary)).toEqual([])
      expect(asked(host, primary, fallback)).toEqual([1, 0])
    },
  )

  scenario("a failed step before the reply leaves no request to continue", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.script(primary, [status(503)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    expect(host.simulator.requests(fallback).map(promptTexts)).toEqual([["hello"]])
    expect(host.simulator.requests(fallback).flatMap(toolCalls)).toEqual([])
  })
})
