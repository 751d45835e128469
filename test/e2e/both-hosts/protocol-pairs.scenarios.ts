import { expect } from "bun:test"
import { promptTexts, type ProtocolName, status } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

/** Each protocol is left once and gone over to once; that of a break in the answer is in `mid-stream.scenarios.ts`. */
const pairs: readonly (readonly [from: ProtocolName, to: ProtocolName])[] = [
  ["chat", "responses"],
  ["responses", "anthropic"],
  ["anthropic", "gemini"],
  ["gemini", "chat"],
]

inFlightOnBothHosts("a model that is overloaded", usualSettings, (scenario) => {
  for (const [from, to] of pairs)
    scenario(
      `${from} to ${to}: the turn goes on in the other protocol with the prompt as it was`,
      async (host) => {
        const { agent, primary, fallback } = host.chain(from, to)
        host.simulator.always(primary, status(529))
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
        await expectUnnoticed(session)
        expect(asked(host, primary, fallback)).toEqual([1, 1])
        expect(host.simulator.requests(fallback).map(promptTexts)).toEqual([["hello"]])
      },
    )
})
