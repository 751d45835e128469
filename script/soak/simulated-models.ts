import { tracesOf } from "../../test/e2e/harness/traces.ts"
import {
  type Beat,
  call,
  type RecordedRequest,
  say,
  type Simulator,
  type Step,
  stream,
} from "../../test/simulator/index.ts"
import { type Fault, faultName, isSilent, planAnswer, retryAfterMs } from "./plan-answer.ts"
import { allPlans, lastWords, promptOf, tagIn, type TurnPlan } from "./plan-turn.ts"
import { playAnswer } from "./play-answer.ts"
import type { SeenRequest } from "./seen.ts"
import type { SoakHost } from "./soak-host.ts"
import type { World } from "./soak-world.ts"

/** Own model, those in between, the last one. */
const faultRates = { own: 0.35, between: 0.3, last: 0.3 }

type Known = { readonly plan: TurnPlan; readonly tools: SoakHost["tools"] }
type Recorded = Omit<SeenRequest, "endedAtMs" | "atMs" | "model"> & {
  readonly request: RecordedRequest
}
type Asked = Known & { readonly finishedTasks: number }

export const linesFile = "lines.txt"

/** Plays the plans of the turns as the models of the world would, and fails now and then. */
export class SimulatedModels {
  readonly #seed: number
  readonly #helper: string
  /** Only OpenCode sees what they answer. */
  readonly #unseen: readonly string[]
  readonly #plans = new Map<string, Known>()
  readonly #recorded: Recorded[] = []
  readonly #counts = new Map<string, number>()
  readonly faults = new Map<string, number>()

  constructor(simulator: Simulator, seed: number, world: World) {
    this.#seed = seed
    this.#helper = world.helper.agent
    this.#unseen = world.chains.flatMap(({ isReactive, primary }) => (isReactive ? [primary] : []))
    for (const { models } of [...world.chains, world.helper])
      for (const [index, model] of models.entries()) {
        const isLast = index === models.length - 1
        const rate = index === 0 ? faultRates.own : isLast ? faultRates.last : faultRates.between
        simulator.always(model, (request) => this.#answer(request, rate))
      }
  }

  /** Requests with its tag are answered by this plan from now on. */
  follow(plan: TurnPlan, tools: SoakHost["tools"]): void {
    for (const each of allPlans(plan)) this.#plans.set(each.tag, { plan: each, tools })
  }

  hasAsked(tag: string): boolean {
    return this.#recorded.some((entry) => entry.tag === tag)
  }

  /** All requests until now. */
  requests(): readonly SeenRequest[] {
    return this.#recorded.map(({ request, ...entry }) => ({
      ...entry,
      model: request.model,
      atMs: request.atMs,
      endedAtMs: request.endedAtMs,
    }))
  }

  #answer(request: RecordedRequest, rate: number): Step {
    const asked = this.#asked(request)
    // A title, for instance.
    if (!asked) {
      this.#record({ request, tag: "", step: "", holds: "words" }, undefined)
      return stream(say("nothing to do"))
    }
    const { plan, tools } = asked
    const isCompaction = request.purpose === "compaction"
    const beats = isCompaction ? [say(`## Objective\n- to go on after ${plan.tag}`)] : this.#beats(asked)
    const step = isCompaction ? "compaction" : String(asked.finishedTasks)
    const holds = beats.some(({ kind }) => kind === "tool-call") ? "call" : "words"
    const count = this.#count(`${request.model} ${plan.tag}`)
    const { isDoomed, tag } = plan
    const answer = planAnswer(this.#seed, rate, { model: request.model, tag, count, holds, isDoomed })
    this.#record({ request, tag, step, holds }, answer.fault)
    return playAnswer(answer, beats, tools.shell("")[0])
  }

  #record(
    entry: Omit<Recorded, "fault" | "retryAfterMs" | "isSilent" | "traces">,
    fault: Fault | undefined,
  ): void {
    const name = fault && faultName(fault)
    const heard = this.#isHeard(entry.request) ? fault : undefined
    if (name !== undefined) this.faults.set(name, (this.faults.get(name) ?? 0) + 1)
    this.#recorded.push({
      ...entry,
      fault: name,
      retryAfterMs: heard && retryAfterMs(heard),
      isSilent: heard !== undefined && isSilent(heard),
      traces: tracesOf(entry.request),
    })
  }

  /** Whether we see the headers of its answer ourselves; OpenCode tells of a compaction's failure without them. */
  #isHeard({ model, purpose }: RecordedRequest): boolean {
    return purpose !== "compaction" && !this.#unseen.includes(model)
  }

  #count(key: string): number {
    const count = this.#counts.get(key) ?? 0
    this.#counts.set(key, count + 1)
    return count
  }

  /** The newest prompt with a tag, and how many tools have answered since. */
  #asked({ conversation: { turns } }: RecordedRequest): Asked | undefined {
    const at = turns.findLastIndex(
      ({ role, texts }) => role === "user" && tagIn(texts.join("\n")) !== undefined,
    )
    const known = this.#plans.get(tagIn(turns[at]?.texts.join("\n") ?? "") ?? "")
    if (!known) return undefined
    // What answers a tool in the prompt's own message answers one of an earlier turn that was cut off.
    const finishedTasks = turns.slice(at + 1).reduce((sum, turn) => sum + turn.toolResults.length, 0)
    return { ...known, finishedTasks }
  }

  #beats({ plan, tools, finishedTasks }: Asked): readonly Beat[] {
    const task = plan.tasks[finishedTasks]
    if (task === undefined) return [say(lastWords(plan))]
    const [name, input] =
      task.do === "append"
        ? tools.shell(`echo ${task.line} >> ${linesFile}`)
        : tools.subagent(this.#helper, promptOf(task.plan))
    return [call(name, input)]
  }
}
