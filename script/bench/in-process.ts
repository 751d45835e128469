/** What needs no OpenCode, measured on the Bun that runs this file; prints JSON. `in-process.ts full|quick`. */
import { measureDecision } from "./decision-cost.ts"
import { openEngine1 } from "./engine-1.ts"
import { openEngine2 } from "./engine-2.ts"
import { measureKeyChange } from "./key-change-cost.ts"
import { measureStoreRead } from "./store-read-cost.ts"
import { measurePassing, measureWaiting } from "./stream-cost.ts"
import { measureTurns } from "./turn-cost.ts"

const pace = process.argv[2] === "quick" ? "quick" : "full"
const samples = pace === "quick" ? 5 : 15
const result = {
  bun: Bun.version,
  // First, while nothing of ours is warm.
  turnCpuMs: await measureTurns(pace, openEngine1),
  decision: measureDecision(pace),
  keyChangeMs: await measureKeyChange(pace),
  storeReadUs: await measureStoreRead(pace),
  passing: await measurePassing(samples, openEngine1),
  waiting: await measureWaiting(samples, openEngine1),
  opencode2: {
    turnCpuMs: await measureTurns(pace, openEngine2),
    passing: await measurePassing(samples, openEngine2),
  },
}
export type InProcess = typeof result

console.log(JSON.stringify(result))
// The servers of the measurements still have open connections on Bun 1.3.
process.exit(0)
