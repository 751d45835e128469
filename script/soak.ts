/**
 * A real OpenCode, many sessions, and models that fail at random: each promise is checked after each turn.
 *
 * npm run soak -- [--seconds 120] [--seed N] [--sessions 8]
 *
 * The same seed gives the same plans, and the same fault to the same request of a turn.
 */
import { parseArgs } from "node:util"
import { growthMb } from "./soak/memory.ts"
import { runSoak, type SoakResult } from "./soak/run-soak.ts"

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "120" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    sessions: { type: "string", default: "8" },
  },
})
const seed = Number(values.seed)
const seconds = Number(values.seconds)
const sessions = Number(values.sessions)
console.log(`soak: seed ${seed}, ${seconds} s, ${sessions} sessions at a time`)

const onFault = (fault: string): void => console.error(`BROKEN  ${fault}`)
const soaked = await runSoak({ seed, seconds, sessions, plugin: "dist", onFault })
tell("with Understudy, failing models", soaked)
const alone = await runSoak({ seed, seconds: Math.min(seconds, 60), sessions, plugin: "none", onFault })
tell("OpenCode alone, healthy models", alone)

const broken = soaked.faults.length + alone.faults.length
console.log(broken === 0 ? "every promise held" : `${broken} broken promises; repeat with --seed ${seed}`)
process.exitCode = broken === 0 ? 0 : 1

function tell(what: string, { turns, failedTurns, requests, failures, memory }: SoakResult): void {
  const growth = growthMb(memory)
  const perThousand = Math.round((growth / Math.max(1, turns)) * 1_000)
  console.log(
    `${what}: ${turns} turns, ${failedTurns} of them exhausted, ${requests} requests, ${failures} failed; ` +
      `memory ${memory.samplesMb.at(-1) ?? 0} MB, grown by ${growth} MB (${perThousand} MB per 1,000 turns)`,
  )
}
