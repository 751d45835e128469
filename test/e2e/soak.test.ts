/** The short form of `npm run soak`. The seed is fixed: what it finds, it finds again. */
import { expect, test } from "bun:test"
import { runSoak } from "../../script/soak/run-soak.ts"
import type { HostVersion } from "../../script/soak/soak-world.ts"
import { hasOpenCode2 } from "./harness/opencode2/index.ts"

const limitMs = 240_000
const servers: readonly HostVersion[] = hasOpenCode2 ? [1, 2] : [1, 1]

test(
  `many sessions on models that fail at random, on servers of OpenCode ${servers.join(" and ")}: every promise holds`,
  async () => {
    const soaked = await runSoak({ seed: 6, seconds: 6, settleSeconds: 4, sessions: 4, servers })
    expect(soaked.broken).toEqual([])
    // A soak in which nothing failed would prove nothing; how much there is time for is the machine's affair.
    expect(soaked.faults.size).toBeGreaterThan(0)
    expect(soaked.turns.length).toBeGreaterThan(0)
    expect(soaked.kills).toHaveLength(1)
  },
  limitMs,
)
