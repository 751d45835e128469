/** `npm run bench [-- --quick | --peers]`: every figure that the project promises, beside OpenCode alone. Needs `npm run build`. */
import { join } from "node:path"
import { opencodeBinary } from "../../test/e2e/harness/opencode-binary.ts"
import { findOpenCode2 } from "../../test/e2e/harness/opencode2/find-binary.ts"
import { type FailoverTimes2, measureFailover2 } from "./failover-time-2.ts"
import { type FailoverTimes, measureFailover } from "./failover-time.ts"
import type { Pair } from "./in-pairs.ts"
import type { InProcess } from "./in-process.ts"
import { printPeers } from "./peers/peers.ts"
import { printMachine } from "./print-machine.ts"
import { number, printRow, spread } from "./print-row.ts"
import type { Cost } from "./process-cpu.ts"
import { measureRetryWait } from "./retry-wait.ts"
import { bundleKiB, measureLoads, measureStarts } from "./start-cost.ts"
import { median } from "./statistics.ts"
import type { WithAndWithout } from "./stream-cost.ts"

const isQuick = process.argv.includes("--quick")

/** Tokens for each second of a fast model; each comes in a frame of its own. */
const tokensPerSecond = 100

printMachine()
if (isQuick) console.log("quick: few samples, figures are rough")
if (process.argv.includes("--peers")) {
  await printPeers()
} else {
  await printAll()
}

async function printAll(): Promise<void> {
  printFailover(await measureFailover(isQuick ? 8 : 40), await measureRetryWait())
  printFailover2(await measureFailover2(isQuick ? 8 : 40))
  const opencode2 = await findOpenCode2()
  printInProcess(
    await inProcess(opencodeBinary()),
    opencode2.found ? await inProcess(opencode2.binary) : undefined,
  )
  await printStarts()
}

function printFailover({ switches, ownSteps }: FailoverTimes, retryWaitMs: number): void {
  const taken = median(switches)
  console.log(`\nFrom a failed answer (429) to the next request, ${switches.length} samples, medians`)
  printRow("Understudy: the fallback's request", `${number(taken)} ms`, spread(switches))
  for (const [tool, times] of Object.entries(ownSteps)) {
    const own = median(times)
    const ratio = `${spread(times)}; ratio ${number(taken / own, 2)}`
    printRow(`OpenCode by itself: a step that calls ${tool}, to the next`, `${number(own)} ms`, ratio)
  }
  const mean = median(Object.values(ownSteps).flat())
  printRow(
    "Understudy as a ratio of OpenCode's own step (all tools)",
    number(taken / mean, 2),
    "goal: at most 1.25",
  )
  const alone = `ratio ${number(retryWaitMs / mean, 0)}; the same model again, no fallback`
  printRow("OpenCode alone: the next request after the 429", `${number(retryWaitMs)} ms`, alone)
}

function printFailover2(times: FailoverTimes2 | string): void {
  console.log("\nThe same on OpenCode 2")
  if (typeof times === "string") return console.log(`  left out: ${times}`)
  const [taken, own] = [median(times.switches), median(times.ownSteps)]
  printRow("Understudy: the fallback's request", `${number(taken)} ms`, spread(times.switches))
  printRow(
    "OpenCode by itself: a step that calls read, to the next",
    `${number(own)} ms`,
    spread(times.ownSteps),
  )
  printRow("Understudy as a ratio of OpenCode's own step", number(taken / own, 2), "goal: at most 1.1")
}

/** The Bun inside OpenCode is the one that runs the plugin. */
async function inProcess(opencode: string): Promise<InProcess> {
  const command = [opencode, join(import.meta.dir, "in-process.ts"), isQuick ? "quick" : "full"]
  const child = Bun.spawn(command, {
    env: { ...process.env, BUN_BE_BUN: "1" },
    stdout: "pipe",
    stderr: "inherit",
  })
  const output = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error("script/bench/in-process.ts failed")
  return JSON.parse(output) as InProcess
}

function printInProcess(
  { bun, decision, keyChangeMs, storeReadUs, waiting, ...path }: InProcess,
  on2: InProcess | undefined,
): void {
  printRow(
    "from a key's 429 to the next key's request, our own part",
    `${number(keyChangeMs, 2)} ms`,
    "goal: below 5 ms",
  )
  console.log(`\nThe healthy path, plugin beside plain fetch, on OpenCode's Bun ${bun}`)
  printPath(path)
  printPassed("from a piece written to the piece read", waiting.pieceDelayUs, "us", 0)
  printPassed("taken in while nobody reads", waiting.unreadKiB, "KiB", 0)
  if (on2) {
    console.log(`\nThe same with what OpenCode 2 calls of us, on its Bun ${on2.bun}`)
    printPath(on2.opencode2)
  }
  console.log(`\nThe decision, on OpenCode's Bun ${bun}`)
  printRow("a verdict on a short body", `${number(decision.shortVerdict, 0)} ns`)
  printRow("a verdict on a body of 64 KiB", `${number(decision.longVerdict, 0)} ns`)
  printRow("a selection with 1,000 models on record", `${number(decision.selection / 1_000, 2)} us`)
  printRow("a store read (SQLite), circuit open", `${number(storeReadUs.open, 2)} us`, "goal: at most 50 us")
  printRow("a store read (SQLite), circuit closed", `${number(storeReadUs.closed, 2)} us`)
}

/** What one version of OpenCode spends on us while nothing fails. */
function printPath({ passing, turnCpuMs }: InProcess["opencode2"]): void {
  const { smallPieces, largePieces, asText } = passing.cpuMsPerMiB
  const seconds = passing.framesPerMiB / tokensPerSecond
  const share = (smallPieces.watched - smallPieces.plain) / (seconds * 1_000)
  printPassed("CPU for each streamed MiB, one frame a piece", smallPieces, "ms", 2, "; goal: at most 1.3")
  printPassed("CPU for each streamed MiB, 16 KiB a piece", largePieces, "ms", 2, "; goal: at most 1.3")
  printPassed("... without the plugin, but each piece made a text", asText, "ms", 2)
  printRow(
    `our CPU share of a stream of ${tokensPerSecond} tokens/s (${number(seconds, 0)} s for a MiB)`,
    `${number(share * 100, 4)} %`,
    "goal: below 1 %",
  )
  printPassed("a whole request with an answer of one frame", passing.requestUs, "us", 0)
  const first = `${number(turnCpuMs.first60, 2)} ms in the first 60 of a process`
  printRow("our own CPU for a turn of one step, SQLite", `${number(turnCpuMs.later, 2)} ms`, first)
}

function printPassed(
  what: string,
  { plain, watched, ratio }: WithAndWithout,
  unit: string,
  digits: number,
  goal = "",
): void {
  const beside = `plain ${number(plain, digits)} ${unit}, ratio ${number(ratio, 2)}${goal}`
  printRow(what, `${number(watched, digits)} ${unit}`, beside)
}

async function printStarts(): Promise<void> {
  const opencode2 = await findOpenCode2()
  for (const version of opencode2.found ? ([1, 2] as const) : ([1] as const))
    for (const beside of ["no plugin", "an empty plugin"] as const)
      printAdded(`OpenCode ${version}`, beside, await measureStarts(isQuick ? 3 : 20, version, beside))
  const loads = await measureLoads(isQuick ? 3 : 15)
  console.log("\nThe plugin's code in a fresh process of OpenCode's own Bun, medians")
  for (const [part, what] of [
    ["code", "reading and running what is loaded at once"],
    ["start", "... until OpenCode's start goes on"],
    ["ready", "... until it is ready for a first turn"],
  ] as const) {
    const cpu = number(median(loads.map((load) => load[part].cpuMs)))
    const walls = loads.map((load) => load[part].wallMs)
    printRow(what, `${number(median(walls), 0)} ms`, `${spread(walls)}; CPU ${cpu} ms`)
  }
  printRow("bundle: dist/index.js and what it imports at once", `${number(await bundleKiB(), 0)} KiB`)
}

function printAdded(name: string, beside: string, pairs: readonly Pair<Cost>[]): void {
  console.log(
    `\nStart of ${name} until its first project is up, ${pairs.length} pairs one after the other, medians`,
  )
  for (const [what, which] of [
    [`${name} with ${beside}`, "alone"],
    [`${name} with Understudy`, "withUs"],
  ] as const) {
    const walls = pairs.map((pair) => pair[which].wallMs)
    const cpu = number(median(pairs.map((pair) => pair[which].cpuMs)), 0)
    printRow(what, `${number(median(walls), 0)} ms`, `${spread(walls)}; CPU ${cpu} ms`)
  }
  for (const [what, key, goal] of [
    ["added, median of the pairs", "wallMs", "; goal: at most 10 ms"],
    ["added CPU, median of the pairs", "cpuMs", ""],
  ] as const) {
    const added = pairs.map(({ alone, withUs }) => withUs[key] - alone[key])
    printRow(what, `${number(median(added), 0)} ms`, `${spread(added)}${goal}`)
  }
}
