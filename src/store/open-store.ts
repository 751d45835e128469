import { join } from "node:path"
import { withoutClockSkew } from "./clock-skew.ts"
import { createMemoryStore } from "./memory-store.ts"
import type { Store, StoreLog } from "./store.ts"

type StoreOptions = {
  readonly log: StoreLog
  /** Folder of the SQLite file; see `stateDirectory`. It is created when it is missing. */
  readonly stateDirectory: string
  readonly now: () => number
  /** What a record says beyond now plus this is not believed, milliseconds. */
  readonly longestCooldownMs: number
  /** A number in [0, 1), for the pauses between attempts to reach a server. */
  readonly random: () => number
}

/**
 * Opens the store that the setting `store` names: `sqlite`, `memory`, or the URL of a Redis or Valkey
 * server. Never rejects: what cannot be opened is said in the log, and the store in memory takes its place.
 *
 * The adapters are loaded on demand, because `bun:sqlite` and `RedisClient` exist in Bun only.
 */
export async function openStore(setting: string, options: StoreOptions): Promise<Store> {
  return withoutClockSkew(await openAdapter(setting, options), options)
}

async function openAdapter(setting: string, options: StoreOptions): Promise<Store> {
  try {
    if (setting === "memory") return createMemoryStore(options)
    if (setting === "sqlite") {
      const { createSqliteStore } = await import("./sqlite-store.ts")
      return createSqliteStore({ ...options, path: join(options.stateDirectory, "health.sqlite") })
    }
    if (/^rediss?:\/\//.test(setting)) {
      const { createRedisStore } = await import("./redis-store.ts")
      return createRedisStore({ ...options, url: setting })
    }
    options.log("warn", `unknown store setting; it may be "sqlite", "memory" or a redis:// URL. Using memory`)
  } catch (error) {
    options.log("warn", `the store cannot be used in this runtime (${String(error)}); using memory`)
  }
  return createMemoryStore(options)
}
