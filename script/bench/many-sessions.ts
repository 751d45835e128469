/**
 * `node script/bun.mjs script/bench/many-sessions.ts [counts] [pairs] [--host 1|2] [--minutes M]`: so many sessions that
 * ask at once, OpenCode alone and OpenCode with the plugin in turn. Healthy, and with a primary that is dead, beside
 * OpenCode's own turns of two steps. Needs `npm run build`. On a busy machine only the processor's time says something.
 */
import { parseArgs } from "node:util"
import type { AnySession } from "../../test/e2e/harness/any-host.ts"
import { toastIn } from "../../test/e2e/harness/toasts.ts"
import { status, type Step, text, toolCall, toolResults } from "../../test/simulator/index.ts"
import { inPairs, type Pair } from "./in-pairs.ts"
import { printMachine } from "./print-machine.ts"
import { number, printRow, spread } from "./print-row.ts"
import { type Cost, costOf } from "./process-cpu.ts"
import { forgetRecords, type Side, startSideBySide } from "./side-by-side.ts"
import { median } from "./statistics.ts"

type Outage = Cost & {
  /** From the end of the first failed answer to the one toast; `undefined` without the plugin. */
  readonly toastMs: number | undefined
  readonly deadRequests: number
}

/** Few sessions at once are measured more often: one turn is an unsteady thing. */
const leastTurns = 300
const longestTurnMs = 300_000

const { positionals, values: options } = parseArgs({
  allowPositionals: true,
  options: { host: { type: "string", default: "1" }, minutes: { type: "string", default: "12" } },
})
const [counts = "10,60,150,400", leastPairs = "5"] = positionals
const version = options.host === "2" ? 2 : 1
const endsAtMs = performance.now() + Number(options.minutes) * 60_000
const isOver = (): boolean => performance.now() > endsAtMs

printMachine()
for (const sessions of counts.split(",").map(Number)) {
  const wanted = Math.max(Number(leastPairs), Math.ceil(leastTurns / sessions))
  // Twice the steps, and a larger goal: half of the pairs do.
  const outages = Array.from({ length: Math.ceil(wanted / 2) }, (_, pair) => deadModel(pair))
  const models = { build: "local/one", ...Object.fromEntries(outages.map((name) => [name, `local/${name}`])) }
  const agents = Object.fromEntries(
    Object.entries(models).map(([agent, model]) => [agent, { model, fallbackModels: ["local/two"] }]),
  )
  await using sides = await startSideBySide({ agents, version })
  console.log(`\n${sessions} sessions at once on OpenCode ${version}, with the plugin ÷ alone`)
  // The first turns load what is loaded once.
  await inPairs(1, (which) => burst(sides[which], 10, "build"))
  const healthy = await inPairs(wanted, (which) => burst(sides[which], sessions, "build"), isOver)
  printRatios("healthy", healthy, "goal: at most 1.05")
  const dead = await inPairs(
    outages.length,
    (which, pair) => outage(sides[which], which, sessions, deadModel(pair)),
    isOver,
  )
  printRatios("primary dead ÷ alone, two steps", dead, "goal: at most 1.10")
  printToasts(dead.map(({ withUs }) => withUs))
}
// Bun keeps connections to the servers open.
process.exit(0)

/** No name is a part of another one. */
function deadModel(pair: number): string {
  return `dead-${String(pair).padStart(3, "0")}`
}

async function burst(side: Side, count: number, agent: string): Promise<Cost> {
  const cost = await askAll(side, count, agent)
  forgetRecords(side)
  return cost
}

/** What the turns cost; fails unless each has its answer. */
async function askAll({ opencode }: Side, count: number, agent: string): Promise<Cost> {
  const sessions = await Promise.all(Array.from({ length: count }, () => opencode.session()))
  const cost = await costOf(opencode.pid, () =>
    Promise.all(
      sessions.map(async (session) => {
        // Bun has at most 256 requests under way: a prompt that stays open would keep others from being sent.
        await session.promptAsync("hello", { agent })
        await session.wait(longestTurnMs)
      }),
    ),
  )
  await Promise.all(sessions.map(checkAnswer))
  return cost
}

async function checkAnswer(session: AnySession): Promise<void> {
  const answer = (await session.history()).findLast(({ role }) => role === "assistant")
  if (answer === undefined || answer.error !== undefined || answer.text === "")
    throw new Error(`No answer: ${JSON.stringify(answer)}`)
}

/** With the plugin the agent's model fails; alone it calls a tool first, so that its turns have two steps as well. */
async function outage(side: Side, which: keyof Pair<Side>, count: number, name: string): Promise<Outage> {
  const { simulator, opencode } = side
  const model = `local/${name}`
  if (which === "withUs") simulator.always(model, status(429))
  else simulator.always(model, await twoSteps(opencode.project))
  const cost = await askAll(side, count, name)
  const requests = simulator.requests(model)
  const toastMs = which === "withUs" ? await toastAfterMs(side, name, requests[0]?.endedAtMs) : undefined
  forgetRecords(side)
  return { ...cost, toastMs, deadRequests: requests.length }
}

/** A call of a tool whose own work is next to nothing, then an answer. */
async function twoSteps(project: string): Promise<Step> {
  const file = `${project}/note.txt`
  await Bun.write(file, "one line\n")
  const call = toolCall("read", { [version === 1 ? "filePath" : "path"]: file })
  return (request) => (toolResults(request).length > 0 ? text("done") : call)
}

async function toastAfterMs({ opencode }: Side, about: string, failedAtMs = Number.NaN): Promise<number> {
  const told = await opencode.waitForEvent((event) => toastIn(event)?.message.includes(about) === true)
  const toasts = opencode.toasts(about).length
  if (toasts !== 1) throw new Error(`${toasts} toasts for one outage`)
  return told.atMs - failedAtMs
}

function printRatios(what: string, pairs: readonly Pair<Cost>[], goal: string): void {
  for (const [name, key] of [
    ["CPU", "cpuMs"],
    ["clock", "wallMs"],
  ] as const) {
    const ratios = pairs.map(({ alone, withUs }) => withUs[key] / alone[key])
    const alone = `alone ${number(median(pairs.map((pair) => pair.alone[key])), 0)} ms`
    const beside = `${spread(ratios, 2)}; ${pairs.length} pairs, ${alone}; ${goal}`
    printRow(`${what}: ${name}`, number(median(ratios), 2), beside)
  }
}

function printToasts(outages: readonly Outage[]): void {
  const waits = outages.flatMap(({ toastMs }) => toastMs ?? [])
  const sent = median(outages.map(({ deadRequests }) => deadRequests))
  printRow(
    "from the first 429 to the one toast",
    `${number(median(waits), 0)} ms`,
    `${spread(waits)}; ${number(sent, 0)} requests to the dead model`,
  )
}
