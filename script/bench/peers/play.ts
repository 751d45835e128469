import { repeat, Simulator } from "../../../test/simulator/index.ts"
import { type SimulatedOpenCode, startSimulatedOpenCode } from "../../simulated-opencode.ts"
import type { Contestant } from "./contestants.ts"
import { chain, type Situation, traceFile, wanted } from "./situations.ts"

export type Outcome = {
  /** From the end of the last failed answer to the request that was answered; `undefined` where there was none. */
  readonly switchMs: number | undefined
  /** What the caller of the prompt has in hand when its turn is over. */
  readonly caller: "answer" | "error" | "nothing" | "still waiting"
  /** Prompts in the session's history; the user wrote one. */
  readonly prompts: number
  readonly toolRuns: number
  /** Requests to the user's own model. */
  readonly toOwn: number
}

/** A contestant that takes longer is counted as one that does not answer. */
const patienceMs = 8_000
/** For a next model that is asked although the caller has been sent away already. */
const lateMs = 3_000

/** Plays one situation on an OpenCode of its own. */
export async function play(contestant: Contestant, host: 1 | 2, situation: Situation): Promise<Outcome> {
  await using simulator = await Simulator.start()
  const [model, ...fallbackModels] = chain
  await using opencode = await startSimulatedOpenCode({
    version: host,
    origin: simulator.origin,
    plugins: contestant.plugins,
    agents: { build: { model, fallbackModels } },
    files: contestant.settings(chain),
    hasOwnSettings: contestant.name !== "Understudy",
  })
  // The first turn of a process loads code, and plugins do their first things.
  await within(patienceMs, (await opencode.session()).prompt("hello"))
  const since = simulator.requests().length
  for (const [index, steps] of situation.answers(opencode).entries()) {
    const last = steps.at(-1)
    if (last !== undefined) simulator.script(chain[index] ?? model, [...steps.slice(0, -1), repeat(last)])
  }
  const session = await opencode.session()
  const reply = await within(patienceMs, session.prompt("hello"))
  const next = situation.answeredBy === undefined ? undefined : chain[situation.answeredBy]
  if (next !== undefined && simulator.requests(next).length === 0) await Bun.sleep(lateMs)
  const requests = simulator.requests().slice(since)
  const answered = requests.find((request) => next !== undefined && request.model === next)
  const failed = requests.filter(
    ({ endedAtMs }) => endedAtMs !== undefined && endedAtMs <= (answered?.atMs ?? 0),
  )
  const lastFailedMs = Math.max(...failed.map(({ endedAtMs }) => endedAtMs ?? 0))
  const history = await session.history()
  return {
    switchMs: answered && failed.length > 0 ? answered.atMs - lastFailedMs : undefined,
    caller: callerOf(reply),
    prompts: history.filter(({ role }) => role === "user").length,
    toolRuns: await runsOf(opencode),
    toOwn: requests.filter((request) => request.model === model).length,
  }
}

type Reply = { readonly text: string; readonly error: string | undefined }

function callerOf(reply: Reply | undefined): Outcome["caller"] {
  if (reply === undefined) return "still waiting"
  if (reply.text.includes(wanted)) return "answer"
  return reply.error === undefined ? "nothing" : "error"
}

function within<Value>(limitMs: number, value: Promise<Value>): Promise<Value | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => resolve(undefined), limitMs)
  // OpenCode ends while a caller is still waiting: that is no fault of this run.
  value.catch(() => undefined)
  return Promise.race([value, promise]).finally(() => clearTimeout(timer))
}

async function runsOf({ project }: SimulatedOpenCode): Promise<number> {
  const trace = Bun.file(`${project}/${traceFile}`)
  return (await trace.exists()) ? (await trace.text()).trim().split("\n").length : 0
}
