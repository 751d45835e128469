/** What OpenCode on one machine has met, an OpenCode on another one knows by way of Redis. */
import { expect, test } from "bun:test"
import { status } from "../../simulator/index.ts"
import { startRedis } from "../../simulator/redis.ts"
import { makeWorkplace } from "../harness/index.ts"
import { hasOpenCode2 } from "../harness/opencode2/index.ts"
import { runOpenCode2 } from "../harness/opencode2/run.ts"
import { runOpencode } from "../harness/run.ts"
import { asked } from "../in-flight/unnoticed.ts"

const models = ["alpha/one", "gamma/one", "beta/one"] as const

test("the first prompt of a process does not ask a model that another one has found down", async () => {
  await using redis = await startRedis()
  await using place = await makeWorkplace({
    providers: {},
    understudy: { fallback_models: models.slice(1), runtime_fallback: { store: redis.url } },
  })
  const tenMinutes = status(429, { headers: { "retry-after": "600" } })
  const other = hasOpenCode2 ? runOpenCode2 : runOpencode
  const answerOf = async (run: typeof runOpencode): Promise<string> =>
    (await run(place.home, ["hello"])).stdout.trim()
  // Each finds one down, and reads what the one before it has written in its last moment.
  place.simulator.script(models[0], [tenMinutes])
  expect(await answerOf(other)).toBe(`${models[1]} says hello`)
  place.simulator.script(models[1], [tenMinutes])
  expect(await answerOf(runOpencode)).toBe(`${models[2]} says hello`)
  expect(await answerOf(other)).toBe(`${models[2]} says hello`)
  expect(asked(place, ...models)).toEqual([1, 2, 2])
})
