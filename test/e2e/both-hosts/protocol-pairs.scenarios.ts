import { type ProtocolName, status } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { expectTakenOver, inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

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
        await expectTakenOver(host, host.chain(from, to), status(529))
      },
    )
})
