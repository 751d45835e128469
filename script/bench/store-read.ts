/**
 * Prints microseconds per read of one circuit for the three adapters side by side, with 50 circuits kept.
 * `bun script/bench/store-read.ts [READS]`. The Redis copy is measured without a server: its reads never
 * go there.
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { CircuitKey } from "../../src/core/circuit.ts"
import { openStore } from "../../src/store/open-store.ts"

const reads = Number(process.argv[2] ?? 20_000)
const folder = mkdtempSync(join(tmpdir(), "understudy-bench-"))

async function microsecondsPerRead(setting: string): Promise<readonly [known: number, unknown: number]> {
  const clock = { now: Date.now, random: Math.random, longestCooldownMs: 3_600_000 }
  const options = { log: () => {}, stateDirectory: folder, ...clock }
  const store = await openStore(setting, options)
  const keys = Array.from({ length: 50 }, (_, index): CircuitKey => `model:bench/${index}`)
  const failedAt = Date.now()
  for (const key of keys)
    store.updateCircuit(key, () => ({
      key,
      failures: 1,
      kind: "rate_limit",
      failedAt,
      until: failedAt + 60_000,
    }))
  const measure = (key: CircuitKey): number => {
    for (let warm = 0; warm < 1_000; warm++) store.circuit(key)
    const started = performance.now()
    for (let read = 0; read < reads; read++) store.circuit(key)
    return ((performance.now() - started) * 1_000) / reads
  }
  const result = [measure("model:bench/7"), measure("model:bench/healthy")] as const
  await store.close()
  return result
}

console.log(`Bun ${Bun.version}, ${reads} reads, microseconds per read (goal: at most 50)`)
console.log("store    open circuit  closed circuit")
try {
  for (const setting of ["memory", "sqlite", "redis://127.0.0.1:1"]) {
    const [known, unknown] = await microsecondsPerRead(setting)
    const name = setting.split(":")[0] ?? setting
    console.log(`${name.padEnd(8)} ${known.toFixed(2).padStart(12)}  ${unknown.toFixed(2).padStart(14)}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
