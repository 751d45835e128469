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
  const store = { runtime_fallback: { store: redis.url } }
  const options = { providers: {}, understudy: { fallback_models: models.slice(1), ...store } }
  await using here = await makeWorkplace(options)
  await using there = await makeWorkplace(options)
  const runThere = hasOpenCode2 ? runOpenCode2 : runOpencode
  const answerHere = async () => (await runOpencode(here.home, ["hello"])).stdout.trim()
  const answerThere = async () => (await runThere(there.home, ["hello"])).stdout.trim()
  const tenMinutes = status(429, { headers: { "retry-after": "600" } })
  // Each finds one down, and knows what the one before it has written in its last moment.
  there.simulator.script(models[0], [tenMinutes])
  expect(await answerThere()).toBe(`${models[1]} says hello`)
  here.simulator.script(models[1], [tenMinutes])
  expect(await answerHere()).toBe(`${models[2]} says hello`)
  expect(await answerThere()).toBe(`${models[2]} says hello`)
  expect(asked(here, ...models)).toEqual([0, 1, 1])
  expect(asked(there, ...models)).toEqual([1, 1, 1])
})
