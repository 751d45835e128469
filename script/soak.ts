/**
 * Many sessions at once on two real OpenCode servers with one store, whose models fail at random, while users press
 * Esc, throw in prompts, delete and compact sessions, and the power is cut: each promise is checked after each turn.
 *
 * npm run soak -- [--seconds 90] [--seed N] [--sessions 8] [--host 1|2|both] [--verbose]
 *
 * The same seed gives the same plans, and the same fault to the same request of a turn.
 */
import { parseArgs } from "node:util"
import { runSoak } from "./soak/run-soak.ts"
import { brokenText, soakReport, turnText } from "./soak/soak-report.ts"
import type { HostVersion } from "./soak/soak-world.ts"

const serversFor: Readonly<Record<string, readonly HostVersion[]>> = {
  "1": [1, 1],
  "2": [2, 2],
  both: [1, 2],
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "90" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    sessions: { type: "string", default: "8" },
    host: { type: "string", default: "1" },
    verbose: { type: "boolean", default: false },
  },
})
const seed = Number(values.seed)
const seconds = Number(values.seconds)
const sessions = Number(values.sessions)
const servers = serversFor[values.host]
if (!servers) throw new Error("--host is 1, 2 or both")
console.log(
  `soak: seed ${seed}, ${seconds} s, ${sessions} sessions at a time, OpenCode ${servers.join(" and ")}`,
)

const soaked = await runSoak({
  seed,
  seconds,
  settleSeconds: 25,
  sessions,
  servers,
  onBroken: (broken, requests, log) => console.error(brokenText(seed, broken, requests, log)),
  ...(values.verbose && { onTurn: (turn, requests) => console.log(turnText(turn, requests)) }),
})
for (const line of soakReport(soaked)) console.log(line)
const count = soaked.broken.length
const again = `--seed ${seed} --seconds ${seconds} --sessions ${sessions} --host ${values.host}`
console.log(count === 0 ? "every promise held" : `${count} broken promises; repeat with ${again}`)
process.exitCode = count === 0 ? 0 : 1
