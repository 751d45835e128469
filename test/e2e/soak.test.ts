import { expect, test } from "bun:test"
import { runSoak } from "../../script/soak/run-soak.ts"

// The short form of `npm run soak`. The seed is fixed: what it finds, it finds again.
test("many sessions on models that fail at random: every promise holds", async () => {
  const soaked = await runSoak({ seed: 6, seconds: 15, sessions: 6, plugin: "dist" })
  expect(soaked.faults).toEqual([])
  // A soak in which nothing failed, or nothing went on, would prove nothing.
  expect(soaked.failures).toBeGreaterThan(3)
  expect(soaked.turns).toBeGreaterThan(5)
}, 150_000)
