/**
 * Another machine, as far as the store is concerned. `bun redis-process.ts URL` writes one failure, waits
 * for `go` on its input, closes the store and must then end by itself.
 */
import { createRedisStore } from "../../../src/store/redis-store.ts"
import { oneMoreFailure, sharedKey } from "./one-more-failure.ts"

const [url = ""] = process.argv.slice(2)
const log = (level: string, message: string) => console.log(`${level}: ${message}`)
const store = createRedisStore({ url, now: Date.now, random: Math.random, log })
await store.ready
store.updateCircuit(sharedKey, oneMoreFailure)
console.log("ready")
for await (const line of console) if (line === "go") break
await store.close()
console.log("done")
