import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openStore } from "../../src/store/open-store.ts"
import { nanosecondsPerCall } from "./timing.ts"

/** Microseconds for one read of the default store (SQLite), of an open circuit and of a closed one. */
export async function measureStoreRead(
  pace: "full" | "quick",
): Promise<{ readonly open: number; readonly closed: number }> {
  const stateDirectory = await mkdtemp(join(tmpdir(), "understudy-bench-"))
  const log = (_level: string, message: string): void => console.error(message)
  const store = await openStore("sqlite", {
    log,
    stateDirectory,
    now: Date.now,
    random: Math.random,
    longestCooldownMs: 3_600_000,
  })
  const key = "model:bench/open"
  const failedAt = Date.now()
  const record = { key, failures: 1, kind: "rate_limit", failedAt, until: failedAt + 3_600_000 } as const
  store.updateCircuit(key, () => record)
  const open = nanosecondsPerCall(() => store.circuit(key), pace) / 1_000
  const closed = nanosecondsPerCall(() => store.circuit("model:bench/closed"), pace) / 1_000
  await store.close()
  await rm(stateDirectory, { recursive: true, force: true })
  return { open, closed }
}
