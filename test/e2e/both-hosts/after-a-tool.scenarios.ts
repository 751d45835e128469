import { expect } from "bun:test"
import {
  call,
  cut,
  type ProtocolName,
  raw,
  say,
  status,
  stream,
  toolCall,
  toolCalls,
  toolResults,
} from "../../simulator/index.ts"
import type { AnyHost, ToolInput } from "../harness/any-host.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

const protocols: readonly ProtocolName[] = ["chat", "responses", "anthropic", "gemini"]

/** Runs a command that leaves a trace. */
const leaving = (host: AnyHost, name: string): ToolInput =>
  host.tools.shell(`echo ran >> ${name}.txt; echo result of ${name}`)

const traceOf = (host: AnyHost, name: string): Promise<string> =>
  Bun.file(`${host.home.project}/${name}.txt`)
    .text()
    .catch(() => "")

inFlightOnBothHosts("a model that fails after a tool has run", usualSettings, (scenario) => {
  for (const from of protocols) {
    const to = from === "chat" ? "anthropic" : "chat"
    scenario(
      `${from}: a tool that has run is not run again, and its result reaches the fallback`,
      async (host) => {
        const { agent, primary, fallback } = host.chain(from, to)
        host.simulator.script(primary, [toolCall(...leaving(host, from)), status(429)])
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
        await expectUnnoticed(session)
        expect(await traceOf(host, from)).toBe("ran\n")
        const [request] = host.simulator.requests(fallback)
        expect(request && toolResults(request).map((result) => result.text.trim())).toEqual([
          `result of ${from}`,
        ])
        expect(asked(host, primary, fallback)).toEqual([2, 1])
      },
    )

    scenario(
      `${from}: a whole call in a stream that then breaks is run once, and the fallback goes on`,
      async (host) => {
        const { agent, primary, fallback } = host.chain(from, to)
        const name = `${from}-broken`
        host.simulator.script(primary, [stream(say("Let me see. "), call(...leaving(host, name)), cut())])
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
        await expectUnnoticed(session)
        expect(asked(host, primary, fallback)).toEqual([1, 1])
        // Chat completions say only at the end that a call is whole: OpenCode 2 does not run it before.
        const isRun = host.version === 1 || from !== "chat"
        expect(await traceOf(host, name)).toBe(isRun ? "ran\n" : "")
        if (!isRun) return
        const [request] = host.simulator.requests(fallback)
        expect(request && toolCalls(request).map((made) => made.name)).toEqual([leaving(host, name)[0]])
        expect(request && toolResults(request).map((result) => result.text.trim())).toEqual([
          `result of ${name}`,
        ])
      },
    )
  }

  scenario(
    "a tool of an MCP server is not called twice either, and its result reaches the fallback",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [toolCall(...host.tools.note("mcp")), status(429)])
      const session = await host.session()
      expect(seen(await session.prompt("hello", { agent }))).toMatchObject({
        model: fallback,
        error: undefined,
      })
      await expectUnnoticed(session)
      expect(await traceOf(host, "mcp")).toBe("ran\n")
      const [request] = host.simulator.requests(fallback)
      expect(request && toolResults(request).map((result) => result.text)).toEqual([
        expect.stringContaining("result of mcp"),
      ])
      expect(asked(host, primary, fallback)).toEqual([2, 1])
    },
  )

  scenario("a call whose id is too long for the fallback is known to it by another one", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "responses")
    const [name, input] = leaving(host, "long-id")
    const id = `call_${"x".repeat(60)}`
    const made = { index: 0, id, type: "function", function: { name, arguments: JSON.stringify(input) } }
    const choices = [
      { index: 0, delta: { role: "assistant", tool_calls: [made] } },
      { index: 0, delta: {}, finish_reason: "tool_calls" },
    ]
    const frames = choices.map((choice) => raw(`data: ${JSON.stringify({ choices: [choice] })}\n\n`))
    host.simulator.script(primary, [stream(...frames, raw("data: [DONE]\n\n")), status(429)])
    const session = await host.session()
    expect(seen(await session.prompt("hello", { agent }))).toMatchObject({
      model: fallback,
      error: undefined,
    })
    await expectUnnoticed(session)
    expect(await traceOf(host, "long-id")).toBe("ran\n")
    const [request] = host.simulator.requests(fallback)
    const [callID = ""] = request ? toolCalls(request).map((call) => call.callID) : []
    expect(callID).toMatch(/^[\w-]{1,40}$/)
    const own = host.simulator.requests(primary).at(-1)
    expect(own && toolCalls(own).map((call) => call.callID)).toEqual([id])
    expect(request && toolResults(request).map((result) => result.callID)).toEqual([callID])
  })

  scenario("the fallback's own tool calls go on working, on the fallback", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(503))
    host.simulator.script(fallback, [toolCall(...leaving(host, "own"))])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.text).toBe(`${fallback} says hello`)
    await expectUnnoticed(session)
    expect(await traceOf(host, "own")).toBe("ran\n")
    expect(asked(host, primary, fallback)).toEqual([1, 2])
  })
})
