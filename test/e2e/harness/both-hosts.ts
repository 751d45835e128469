import { describe } from "bun:test"
import type { AnyHost } from "./any-host.ts"
import type { HostOptions } from "./host-options.ts"
import { scenarios2 } from "./opencode2/scenarios.ts"
import { type ScenarioOf, scenarios } from "./scenarios.ts"

/**
 * The same scenarios on OpenCode 1 and OpenCode 2, each with a host of its own. Where there is no OpenCode 2 for this
 * machine its half says that it is left out.
 */
export function onBothHosts(
  title: string,
  options: HostOptions,
  body: (scenario: ScenarioOf<AnyHost>) => void,
): void {
  describe(title, () => {
    describe("OpenCode 1", () => body(scenarios(options)))
    describe("OpenCode 2", () => body(scenarios2(options)))
  })
}
