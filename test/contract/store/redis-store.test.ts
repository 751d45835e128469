import { RedisClient } from "bun"
import { afterAll, beforeAll, describe, test } from "bun:test"
import { createRedisStore } from "../../../src/store/redis-store.ts"
import { eventually } from "../../eventually.ts"
import { startRedis } from "../../simulator/redis.ts"
import { serverNotice, serverProgram, startServer } from "./redis-server.ts"
import { storeContract } from "./store-contract.ts"

async function realRedis() {
  const server = await startServer()
  return { url: `redis://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop() }
}

function contractOn(name: string, start: typeof startRedis): void {
  let server: Awaited<ReturnType<typeof startRedis>>
  describe(name, () => {
    beforeAll(async () => {
      server = await start()
    })
    afterAll(() => server[Symbol.asyncDispose]())
    storeContract("redis", {
      shared: true,
      open(now) {
        const log = (level: string, message: string) => {
          throw new Error(`nothing should be logged, but: ${level} ${message}`)
        }
        return Promise.resolve(createRedisStore({ url: server.url, now, log, random: () => 0.5 }))
      },
      settle: eventually,
      async cleanUp() {
        const client = new RedisClient(server.url)
        await client.send("FLUSHALL", [])
        client.close()
      },
    })
  })
}

contractOn("on a simulated server: the", startRedis)
if (serverProgram) contractOn("on a real server: the", realRedis)
else test.skip(`on a real server: the redis store keeps the contract${serverNotice}`, () => {})
