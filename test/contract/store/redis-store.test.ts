import { RedisClient } from "bun"
import { afterAll, beforeAll, describe, test } from "bun:test"
import { createRedisStore } from "../../../src/store/redis-store.ts"
import { eventually } from "../../eventually.ts"
import { serverNotice, serverProgram, startServer, type TestServer } from "./redis-server.ts"
import { storeContract } from "./store-contract.ts"

let server: TestServer | undefined

beforeAll(async () => {
  if (serverProgram) server = await startServer()
})
afterAll(async () => {
  await server?.stop()
})

if (serverProgram)
  storeContract("redis", {
    shared: true,
    open(now) {
      const url = `redis://127.0.0.1:${server?.port}`
      const log = (level: string, message: string) => {
        throw new Error(`nothing should be logged, but: ${level} ${message}`)
      }
      return Promise.resolve(createRedisStore({ url, now, log, random: () => 0.5 }))
    },
    settle: eventually,
    async cleanUp() {
      const client = new RedisClient(`redis://127.0.0.1:${server?.port}`)
      await client.send("FLUSHALL", [])
      client.close()
    },
  })
else
  describe("redis store", () => {
    test.skipIf(true)(`keeps the contract${serverNotice}`, () => {})
  })
