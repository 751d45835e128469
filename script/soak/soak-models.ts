import {
  type Beat,
  call,
  type RecordedRequest,
  say,
  type Simulator,
  type Step,
  stream,
} from "../../test/simulator/index.ts"
import { pickFault, slowly } from "./faults.ts"
import type { ModelRecord } from "./model-record.ts"
import { type Random, randomFor } from "./random.ts"
import { lastWords, promptOf, type TurnPlan } from "./turn-plan.ts"

export type SoakModels = {
  readonly simulator: Simulator
  readonly record: ModelRecord
  readonly seed: number
  /** The agent of the subagents. */
  readonly subagent: string
  /** Where the lines of the turns go. */
  readonly file: string
  /** By tag, of all turns under way. */
  readonly plans: ReadonlyMap<string, TurnPlan>
}

export type Mood = {
  /** From 0 to 1. */
  readonly faultRate: number
  /** It stands at the end of its chain. */
  readonly isLast: boolean
}

/** Lets a model play the plans of the turns, and fail now and then. */
export function playPlans(models: SoakModels, model: string, mood: Mood): void {
  const callsOfTag = new Map<string, number>()
  models.simulator.always(model, (request) => {
    const asked = planOf(request, models.plans)
    // A title or a request that holds no prompt of ours.
    if (asked === undefined) return stream(say("nothing to do"))
    const { tag } = asked.plan
    const count = callsOfTag.get(tag) ?? 0
    callsOfTag.set(tag, count + 1)
    return answer(models, request, asked, randomFor(models.seed, `${model} ${tag} ${count}`), mood)
  })
}

type Asked = { readonly plan: TurnPlan; readonly finishedTasks: number }

/** The newest prompt with a tag, and how many tools have answered since. */
function planOf(request: RecordedRequest, plans: ReadonlyMap<string, TurnPlan>): Asked | undefined {
  const { turns } = request.conversation
  for (let index = turns.length - 1; index >= 0; index -= 1) {
    // The last: a prompt without an answer and the next one come as one.
    const tag = turns[index]?.texts
      .map((text) => /^(\[\S+\]) please$/.exec(text.trim())?.[1])
      .findLast(Boolean)
    const plan = tag === undefined ? undefined : plans.get(tag)
    if (!plan || turns[index]?.role !== "user") continue
    const finishedTasks = turns.slice(index).reduce((sum, turn) => sum + turn.toolResults.length, 0)
    return { plan, finishedTasks }
  }
  return undefined
}

function answer(
  models: SoakModels,
  request: RecordedRequest,
  asked: Asked,
  random: Random,
  { faultRate, isLast }: Mood,
): Step {
  const beats = beatsOf(models, asked)
  const fault = random() < faultRate ? pickFault(random, isLast) : undefined
  models.record.add({ tag: asked.plan.tag, request, fault: fault?.name, toldMs: fault?.toldMs })
  if (fault) return fault.step(beats)
  return random() < 0.1 ? slowly(beats) : stream(...beats)
}

function beatsOf({ file, subagent }: SoakModels, { plan, finishedTasks }: Asked): readonly Beat[] {
  const task = plan.tasks[finishedTasks]
  if (task === undefined) return [say(lastWords(plan))]
  if (task.do === "append") {
    const command = `echo ${task.line} >> ${file}`
    return [call("bash", { command, description: "Append a line" })]
  }
  return [call("task", { description: "A part", prompt: promptOf(task.plan), subagent_type: subagent })]
}
