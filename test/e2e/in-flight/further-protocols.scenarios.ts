/** Bedrock (signed and with a key), Cohere and Vercel's AI Gateway, each through what goes wrong with a provider. */
import { expect } from "bun:test"
import {
  cut,
  endOfStream,
  errorFrame,
  halfCall,
  say,
  status,
  type Step,
  stream,
  text,
  toolCall,
  toolResults,
} from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectTakenOver, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const protocols = ["bedrock", "cohere", "gateway"] as const
/** Each is left once and gone over to once. */
const followerOf = { bedrock: "cohere", cohere: "gateway", gateway: "bedrock" } as const
const scenario = inFlightScenarios(usualSettings)
const anHour = status(429, { headers: { "retry-after": "3600" } })
const bash = (command: string): Step => toolCall("bash", { command, description: "Runs it" })

for (const protocol of protocols) {
  scenario(`${protocol}: a healthy answer and a healthy call are left alone`, async (host) => {
    const { agent, primary, fallback } = host.chain(protocol, "chat")
    host.simulator.script(primary, [bash("echo once"), text("done")])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(seen(reply)).toEqual({ model: primary, text: "done", error: undefined })
    await expectUnnoticed(session)
    expect(asked(host, primary, fallback)).toEqual([2, 0])
    const results = host.simulator.requests(primary).flatMap(toolResults)
    expect(results.map((result) => result.text.trim())).toEqual(["once"])
  })

  const next = followerOf[protocol]
  scenario(
    `${protocol}: a 429 with an hour is answered by the fallback, which speaks ${next}`,
    async (host) => {
      await expectTakenOver(host, host.chain(protocol, next), anHour)
    },
  )

  for (const [title, rest] of [
    ["a close without an end", [endOfStream()]],
    ["an error", [errorFrame()]],
    ["half a call", [halfCall("bash"), endOfStream()]],
    ["a reset", [cut()]],
  ] as const)
    scenario(`${protocol}: an answer that breaks off by ${title} is continued`, async (host) => {
      const { agent, primary, fallback } = host.chain(protocol, "chat")
      host.simulator.always(primary, stream(say("Once upon a "), ...rest))
      host.simulator.script(fallback, [text("time.")])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: fallback, text: "time.", error: undefined })
      await expectUnnoticed(session)
      expect(asked(host, primary, fallback)).toEqual([1, 1])
    })
}
