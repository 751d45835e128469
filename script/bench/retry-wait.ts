import { Simulator, status } from "../../test/simulator/index.ts"
import { startSimulatedOpenCode } from "../simulated-opencode.ts"

/** OpenCode without the plugin: milliseconds from a 429 without `retry-after` to its next request, to the same model. */
export async function measureRetryWait(): Promise<number> {
  await using simulator = await Simulator.start()
  const model = "local/one"
  const agents = { build: { model, fallbackModels: [] } }
  await using opencode = await startSimulatedOpenCode({ origin: simulator.origin, plugins: [], agents })
  const session = await opencode.session()
  simulator.script(model, [status(429)])
  await session.promptAsync("hello", { agent: "build" })
  const second = await simulator.waitForRequest(
    (request) => request.model === model && request.call === 1,
    30_000,
  )
  const [first] = simulator.requests(model)
  await session.wait(30_000)
  return second.atMs - (first?.endedAtMs ?? Number.NaN)
}
