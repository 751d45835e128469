import { join } from "node:path"
import { startHost } from "../../test/e2e/harness/index.ts"
import type { Reply, Session } from "../../test/e2e/harness/index.ts"
import { busySessions, checkTurn } from "./check-turn.ts"
import { memoryOf, type MemoryCurve } from "./memory.ts"
import { ModelRecord } from "./model-record.ts"
import { randomFor } from "./random.ts"
import { playPlans } from "./soak-models.ts"
import { tracesOf } from "./traces.ts"
import { allPlans, makePlan, promptOf, type TurnPlan } from "./turn-plan.ts"

export type SoakOptions = {
  readonly seed: number
  /** How long new turns are begun, seconds. */
  readonly seconds: number
  /** Sessions at the same time. */
  readonly sessions: number
  /** `none`: OpenCode alone, with models that never fail, to compare its memory with. */
  readonly plugin: "dist" | "none"
  readonly onFault?: (fault: string) => void
}

export type SoakResult = {
  readonly turns: number
  readonly failedTurns: number
  readonly requests: number
  /** Requests that a model failed. */
  readonly failures: number
  /** Broken promises, in words. Empty is the aim. */
  readonly faults: readonly string[]
  readonly memory: MemoryCurve
}

const settings = {
  runtime_fallback: {
    cooldown_seconds: 1,
    max_cooldown_seconds: 4,
    max_fallback_attempts: 10,
    first_token_timeout_seconds: 1,
    stall_timeout_seconds: 1,
  },
}
/** The last of a chain fails rarely: turns that exhaust it wait for OpenCode's own retries and make a soak slow. */
const faultRates = [0.35, 0.25, 0.2, 0.02] as const
const turnLimitMs = 100_000
/** Turns of a session, before it is deleted and another takes its place. */
const turnsOfSession = 4

/** Many sessions at once on one OpenCode whose models fail at random, but the same way for the same seed. */
export async function runSoak(options: SoakOptions): Promise<SoakResult> {
  await using host = await startHost({ plugin: options.plugin, understudy: settings })
  const chains = Array.from({ length: 4 }, () => host.chain("chat", "responses", "anthropic", "gemini"))
  const subagent = host.chain("chat", "responses", "anthropic", "gemini")
  const file = join(host.home.project, "lines.txt")
  const plans = new Map<string, TurnPlan>()
  const record = new ModelRecord()
  const models = {
    simulator: host.simulator,
    record,
    seed: options.seed,
    subagent: subagent.agent,
    file,
    plans,
  }
  for (const chain of [...chains, subagent]) {
    for (const [index, model] of chain.models.entries())
      playPlans(models, model, {
        faultRate: options.plugin === "none" ? 0 : (faultRates[index] ?? 0),
        isLast: index === chain.models.length - 1,
      })
  }
  const faults: string[] = []
  const tell = (found: readonly string[]): void => {
    for (const fault of found) {
      faults.push(fault)
      options.onFault?.(fault)
    }
  }
  const memory = memoryOf(host.pid)
  const endAtMs = performance.now() + options.seconds * 1_000
  let turns = 0
  let failedTurns = 0

  const live = async (number: number): Promise<void> => {
    const random = randomFor(options.seed, `session ${number}`)
    const chain = chains[number % chains.length] ?? subagent
    let session = await host.session()
    for (let turn = 0; performance.now() < endAtMs; turn += 1) {
      if (turn > 0 && turn % turnsOfSession === 0) {
        await session.delete()
        session = await host.session()
      }
      const plan = makePlan(random, `[s${number}.t${turn}]`)
      for (const each of allPlans(plan)) plans.set(each.tag, each)
      const startedAtMs = performance.now()
      const errorsBefore = session.sessionErrors().length
      const reply = await promptWithin(session, plan, chain.agent)
      const finished = { session, plan, reply, startedAtMs, errorsBefore, models: chain.models }
      tell(await checkTurn(host, finished, await linesOf(file), record))
      for (const each of allPlans(plan)) plans.delete(each.tag)
      turns += 1
      if (reply?.error !== undefined) failedTurns += 1
    }
  }
  await Promise.all(Array.from({ length: options.sessions }, (_, number) => live(number)))

  tell((await busySessions(host)).map((id) => `session ${id} is busy after the end`))
  const chainOf = (model: string): readonly string[] =>
    [...chains, subagent].find((chain) => chain.models.includes(model))?.models ?? []
  tell(record.askedWhileDown(chainOf))
  tell(host.simulator.requests().flatMap(tracesOf))
  tell(ownFaults(await host.logs()))
  const requests = host.simulator.requests().length
  return { turns, failedTurns, requests, failures: record.faults(), faults, memory: memory.end() }
}

async function promptWithin(session: Session, plan: TurnPlan, agent: string): Promise<Reply | undefined> {
  const signal = AbortSignal.timeout(turnLimitMs)
  try {
    return await session.prompt(promptOf(plan), { agent, signal })
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

async function linesOf(file: string): Promise<ReadonlyMap<string, number>> {
  const text = (await Bun.file(file).exists()) ? await Bun.file(file).text() : ""
  const counts = new Map<string, number>()
  for (const line of text.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

function ownFaults(logs: string): readonly string[] {
  return logs.split("\n").filter((line) => /fault of our own|understudy.*(TypeError|unhandled)/i.test(line))
}
