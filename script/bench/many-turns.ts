/**
 * `node script/bun.mjs script/bench/many-turns.ts [turns] [--host 1|2]`: so many turns in one session, OpenCode alone and
 * OpenCode with the plugin in turn, 50 at a time. Prints what a turn costs at the beginning and at the end. Needs
 * `npm run build`.
 */
import { parseArgs } from "node:util"
import type { AnySession } from "../../test/e2e/harness/any-host.ts"
import { inPairs, type Pair } from "./in-pairs.ts"
import { printMachine } from "./print-machine.ts"
import { number, printRow } from "./print-row.ts"
import { type Cost, costOf, memoryMiBOf } from "./process-cpu.ts"
import { forgetRecords, type Side, startSideBySide } from "./side-by-side.ts"

/** Of one block, for each turn; memory after it. */
type Block = Cost & { readonly memoryMiB: number }

const blockTurns = 50

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: { host: { type: "string", default: "1" } },
})
const [turns = "300"] = positionals
const version = options.host === "2" ? 2 : 1

printMachine()
await main()
// Bun keeps connections to the servers open.
process.exit(0)

async function main(): Promise<void> {
  const agents = { build: { model: "local/one", fallbackModels: ["local/two"] } }
  await using sides = await startSideBySide({ agents, version })
  console.log(
    `\n${turns} turns in one session on OpenCode ${version}, for each turn, with the plugin beside alone`,
  )
  const sessions = { alone: await newSession(sides.alone), withUs: await newSession(sides.withUs) }
  const blocks = await inPairs(Math.ceil(Number(turns) / blockTurns), (which) =>
    measureBlock(sides[which], sessions[which]),
  )
  printBlocks(blocks)
}

/** What is loaded and compiled once does not belong to the first turns. */
async function newSession({ opencode }: Side): Promise<AnySession> {
  const other = await opencode.session()
  for (let turn = 0; turn < 20; turn += 1) await other.prompt("hello", { agent: "build" })
  return opencode.session()
}

async function measureBlock(side: Side, session: AnySession): Promise<Block> {
  const { pid } = side.opencode
  const { cpuMs, wallMs } = await costOf(pid, async () => {
    for (let turn = 0; turn < blockTurns; turn += 1) await session.prompt("hello", { agent: "build" })
  })
  forgetRecords(side)
  return { cpuMs: cpuMs / blockTurns, wallMs: wallMs / blockTurns, memoryMiB: await memoryMiBOf(pid) }
}

function printBlocks(blocks: readonly Pair<Block>[]): void {
  for (const [index, pair] of blocks.entries())
    printPair(`CPU, turns ${index * blockTurns + 1} to ${(index + 1) * blockTurns}`, pair, "cpuMs", "ms")
  const [first, last] = [blocks[0], blocks.at(-1)]
  if (!first || !last) return
  for (const [what, pair] of [
    ["first", first],
    ["last", last],
  ] as const) {
    printPair(`clock, the ${what} ${blockTurns}`, pair, "wallMs", "ms")
    printPair(`memory after the ${what} ${blockTurns}`, pair, "memoryMiB", "MiB")
  }
  const growth = (which: keyof Pair<Block>): number => last[which].cpuMs / first[which].cpuMs
  const beside = `alone ${number(growth("alone"), 2)}; goal: no more than alone`
  printRow("growth of the CPU, last ÷ first", number(growth("withUs"), 2), beside)
}

function printPair(what: string, { alone, withUs }: Pair<Block>, key: keyof Block, unit: string): void {
  const ratio = number(withUs[key] / alone[key], 2)
  printRow(what, `${number(withUs[key])} ${unit}`, `alone ${number(alone[key])} ${unit}; ratio ${ratio}`)
}
