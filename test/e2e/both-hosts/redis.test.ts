/** What OpenCode on one machine has met, an OpenCode on another one knows by way of Redis. */
import { expect, test } from "bun:test"
import { status } from "../../simulator/index.ts"
import { startRedis } from "../../simulator/redis.ts"
import { makeWorkplace } from "../harness/index.ts"
import { hasOpenCode2 } from "../harness/opencode2/index.ts"
import { runOpenCode2 } from "../harness/opencode2/run.ts"
import { runOpencode } from "../harness/run.ts"

test("the first prompt of a process does not ask a model that another one has found down", async () => {
  await using redis = await startRedis()
  await using place = await makeWorkplace({ understudy: { runtime_fallback: { store: redis.url } } })
  const { agent, primary, fallback } = place.chain("chat", "anthropic")
  place.simulator.script(primary, [status(429, { headers: { "retry-after": "600" } })])
  const answered: string[] = []
  for (const run of [runOpencode, runOpencode, ...(hasOpenCode2 ? [runOpenCode2] : [])])
    answered.push((await run(place.home, ["hello"], { agent, model: primary })).stdout.trim())
  expect(new Set(answered)).toEqual(new Set([`${fallback} says hello`]))
  expect(place.simulator.requests(primary)).toHaveLength(1)
  expect(place.simulator.requests(fallback)).toHaveLength(answered.length)
})
