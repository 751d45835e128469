import { expect } from "bun:test"
import { promptTexts, type ProtocolName, status } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

const protocols: readonly ProtocolName[] = ["chat", "responses", "anthropic", "gemini"]

inFlightOnBothHosts("a model that is overloaded", usualSettings, (scenario) => {
  for (const from of protocols) {
    for (const to of protocols) {
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
    }
  }
})
