import { findOpenCode2 } from "../../test/e2e/harness/opencode2/find-binary.ts"
import { startHost2 } from "../../test/e2e/harness/opencode2/host.ts"
import { status, toolCall } from "../../test/simulator/index.ts"

export type FailoverTimes2 = {
  /** From the end of the failed answer to the fallback's request, milliseconds. */
  readonly switches: readonly number[]
  /** From the end of an answer that calls a tool to OpenCode's next request, milliseconds. */
  readonly ownSteps: readonly number[]
}

/** On OpenCode 2; what is missing where there is none for this machine. */
export async function measureFailover2(samples: number): Promise<FailoverTimes2 | string> {
  const opencode = await findOpenCode2()
  if (!opencode.found) return opencode.why
  const chains = Array.from({ length: samples }, () => ["chat", "chat"] as const)
  await using host = await startHost2({ chains })
  const switches: number[] = []
  const ownSteps: number[] = []
  for (let sample = 0; sample < samples; sample += 1) {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.script(primary, [toolCall("read", { path: "opencode.json" }), status(429)])
    await (await host.session()).prompt("hello", { agent })
    const [first, second] = host.simulator.requests(primary)
    const [third] = host.simulator.requests(fallback)
    if (first?.endedAtMs !== undefined && second) ownSteps.push(second.atMs - first.endedAtMs)
    if (second?.endedAtMs !== undefined && third) switches.push(third.atMs - second.endedAtMs)
  }
  return { switches, ownSteps }
}
