/** `npm run bench [-- --quick | --peers]`: every figure that the project promises, beside OpenCode alone. Needs `npm run build`. */
import { cpus, loadavg, totalmem } from "node:os"
import { join } from "node:path"
import opencodePackage from "opencode-ai/package.json" with { type: "json" }
import { opencodeBinary } from "../../test/e2e/harness/opencode-binary.ts"
import { measureFailover } from "./failover-time.ts"
import type { FailoverTimes } from "./failover-time.ts"
import { type FailoverTimes2, measureFailover2 } from "./failover-time-2.ts"
import type { InProcess } from "./in-process.ts"
import { printPeers } from "./peers/peers.ts"
import { measureRetryWait } from "./retry-wait.ts"
import { bundleKiB, measureLoads, measureStarts, type Start, type Starts } from "./start-cost.ts"
import { findOpenCode2 } from "../../test/e2e/harness/opencode2/index.ts"
import { median, quantile } from "./statistics.ts"

const isQuick = process.argv.includes("--quick")

/** Tokens for each second of a fast model; each comes in a frame of its own. */
const tokensPerSecond = 100

const number = (value: number, digits = 1): string =>
  value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits })

const row = (what: string, value: string, beside = ""): void =>
  console.log(`  ${what.padEnd(58)}${value.padStart(16)}${beside === "" ? "" : `   ${beside}`}`)

printMachine()
if (process.argv.includes("--peers")) {
  await printPeers()
} else {
  await printAll()
}

async function printAll(): Promise<void> {
  printFailover(await measureFailover(isQuick ? 8 : 40), await measureRetryWait())
  printFailover2(await measureFailover2(isQuick ? 8 : 40))
  printInProcess(await inProcess())
  await printStarts()
}

function printMachine(): void {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  console.log(`${new Date().toISOString().slice(0, 10)}, ${process.platform} ${process.arch}`)
  console.log(
    `${cpus().length} × ${cpu?.model ?? "unknown"}, ${memory} GiB; OpenCode ${opencodePackage.version}`,
  )
  const load = loadavg()[0] ?? 0
  const busy = load > cpus().length / 2 ? "; busy with other work: wall-clock figures below are too high" : ""
  console.log(`load at the start ${number(load)}${busy}`)
  if (isQuick) console.log("quick: few samples, figures are rough")
}

function printFailover({ switches, ownSteps }: FailoverTimes, retryWaitMs: number): void {
  const taken = median(switches)
  console.log(`\nFrom a failed answer (429) to the next request, ${switches.length} samples, medians`)
  row("Understudy: the fallback's request", `${number(taken)} ms`, spread(switches))
  for (const [tool, times] of Object.entries(ownSteps)) {
    const own = median(times)
    const ratio = `${spread(times)}; ratio ${number(taken / own, 2)}`
    row(`OpenCode by itself: a step that calls ${tool}, to the next`, `${number(own)} ms`, ratio)
  }
  const mean = median(Object.values(ownSteps).flat())
  row(
    "Understudy as a ratio of OpenCode's own step (all tools)",
    number(taken / mean, 2),
    "goal: at most 1.25",
  )
  const alone = `ratio ${number(retryWaitMs / mean, 0)}; the same model again, no fallback`
  row("OpenCode alone: the next request after the 429", `${number(retryWaitMs)} ms`, alone)
}

function printFailover2(times: FailoverTimes2 | string): void {
  console.log("\nThe same on OpenCode 2")
  if (typeof times === "string") return console.log(`  left out: ${times}`)
  const [taken, own] = [median(times.switches), median(times.ownSteps)]
  row("Understudy: the fallback's request", `${number(taken)} ms`, spread(times.switches))
  row("OpenCode by itself: a step that calls read, to the next", `${number(own)} ms`, spread(times.ownSteps))
  row("Understudy as a ratio of OpenCode's own step", number(taken / own, 2), "goal: at most 1.1")
}

function spread(values: readonly number[]): string {
  return `quartiles ${number(quantile(values, 0.25), 0)} to ${number(quantile(values, 0.75), 0)}`
}

async function inProcess(): Promise<InProcess> {
  // The Bun inside OpenCode is the one that runs the plugin.
  const command = [opencodeBinary(), join(import.meta.dir, "in-process.ts"), isQuick ? "quick" : "full"]
  const child = Bun.spawn(command, {
    env: { ...process.env, BUN_BE_BUN: "1" },
    stdout: "pipe",
    stderr: "inherit",
  })
  const output = await new Response(child.stdout).text()
  if ((await child.exited) !== 0) throw new Error("script/bench/in-process.ts failed")
  return JSON.parse(output) as InProcess
}

function printInProcess({ bun, decision, keyChangeMs, storeReadUs, stream, turnCpuMs }: InProcess): void {
  const { smallPieces, largePieces } = stream.cpuMsPerMiB
  const seconds = stream.framesPerMiB / tokensPerSecond
  const share = (smallPieces.watched - smallPieces.plain) / (seconds * 1_000)
  row(
    "from a key's 429 to the next key's request, our own part",
    `${number(keyChangeMs, 2)} ms`,
    "goal: below 5 ms",
  )
  console.log(`\nThe healthy path, plugin beside plain fetch, on OpenCode's Bun ${bun}`)
  row(
    "CPU for each streamed MiB, one frame a piece",
    `${number(smallPieces.watched, 2)} ms`,
    plain(smallPieces.plain, "ms"),
  )
  row(
    "CPU for each streamed MiB, 16 KiB a piece",
    `${number(largePieces.watched, 2)} ms`,
    plain(largePieces.plain, "ms"),
  )
  row(
    `our CPU share of a stream of ${tokensPerSecond} tokens/s (${number(seconds, 0)} s for a MiB)`,
    `${number(share * 100, 4)} %`,
    "goal: below 1 %",
  )
  row(
    "a whole request with an answer of one frame",
    `${number(stream.requestUs.watched, 0)} us`,
    plain(stream.requestUs.plain, "us"),
  )
  const first = `${number(turnCpuMs.first60, 2)} ms in the first 60 of a process`
  row("our own CPU for a turn of one step, SQLite", `${number(turnCpuMs.later, 2)} ms`, first)
  row(
    "from a piece written to the piece read",
    `${number(stream.pieceDelayUs.watched, 0)} us`,
    plain(stream.pieceDelayUs.plain, "us"),
  )
  row(
    "taken in while nobody reads",
    `${number(stream.unreadKiB.watched, 0)} KiB`,
    plain(stream.unreadKiB.plain, "KiB"),
  )
  console.log(`\nThe decision, on OpenCode's Bun ${bun}`)
  row("a verdict on a short body", `${number(decision.shortVerdict, 0)} ns`)
  row("a verdict on a body of 64 KiB", `${number(decision.longVerdict, 0)} ns`)
  row("a selection with 1,000 models on record", `${number(decision.selection / 1_000, 2)} us`)
  row("a store read (SQLite), circuit open", `${number(storeReadUs.open, 2)} us`, "goal: at most 50 us")
  row("a store read (SQLite), circuit closed", `${number(storeReadUs.closed, 2)} us`)
}

function plain(value: number, unit: string): string {
  return `plain ${number(value, unit === "ms" ? 2 : 0)} ${unit}`
}

async function printStarts(): Promise<void> {
  printAdded("OpenCode", await measureStarts(isQuick ? 3 : 20, 1))
  const opencode2 = await findOpenCode2()
  if (opencode2.found) printAdded("OpenCode 2", await measureStarts(isQuick ? 3 : 20, 2))
  const loads = await measureLoads(isQuick ? 3 : 15)
  console.log("\nThe plugin's code in a fresh process of OpenCode's own Bun, medians")
  for (const [part, what] of [
    ["code", "reading and running what is loaded at once"],
    ["start", "... until OpenCode's start goes on"],
    ["ready", "... until it is ready for a first turn"],
  ] as const) {
    const cpu = number(median(loads.map((load) => load[part].cpuMs)))
    const walls = loads.map((load) => load[part].wallMs)
    row(what, `${number(median(walls), 0)} ms`, `${spread(walls)}; CPU ${cpu} ms`)
  }
  row("bundle: dist/index.js and what it imports at once", `${number(await bundleKiB(), 0)} KiB`)
}

function printAdded(name: string, { plain: alone, withPlugin }: Starts): void {
  console.log(
    `\nStart of ${name} until its first project is up, ${alone.length} pairs one after the other, medians`,
  )
  const added = (key: keyof Start): readonly number[] =>
    withPlugin.map((start, index) => start[key] - (alone[index]?.[key] ?? 0))
  for (const [what, starts] of [
    [`${name} alone`, alone],
    [`${name} with Understudy`, withPlugin],
  ] as const) {
    const walls = starts.map(({ wallMs }) => wallMs)
    const cpu = number(median(starts.map(({ cpuMs }) => cpuMs)), 0)
    row(what, `${number(median(walls), 0)} ms`, `${spread(walls)}; CPU ${cpu} ms`)
  }
  row("added, median of the pairs", `${number(median(added("wallMs")), 0)} ms`, spread(added("wallMs")))
  row("added CPU, median of the pairs", `${number(median(added("cpuMs")), 0)} ms`, spread(added("cpuMs")))
}
