import { pick, type Random } from "./random.ts"

/** What the model does in a turn when nothing fails. */
export type Task =
  /** Appends one line to a file: seen twice, it ran twice. */
  | { readonly do: "append"; readonly line: string }
  /** Hands a task to a subagent, which has a plan of its own. */
  | { readonly do: "delegate"; readonly plan: TurnPlan }

export type TurnPlan = {
  /** Stands in the prompt and tells which plan a request belongs to: `[s3.t7]`. */
  readonly tag: string
  readonly tasks: readonly Task[]
}

/** The last words of a turn that came to its end. */
export const lastWords = (plan: TurnPlan): string => `done ${plan.tag}`

export const promptOf = (plan: TurnPlan): string => `${plan.tag} please`

export function makePlan(random: Random, tag: string, depth = 0): TurnPlan {
  const count = pick(random, [0, 0, 1, 1, 2, 3])
  const tasks = Array.from({ length: count }, (_, index): Task => {
    const name = `${tag.slice(1, -1)}.${index}`
    return depth === 0 && random() < 0.2
      ? { do: "delegate", plan: makePlan(random, `[${name}]`, 1) }
      : { do: "append", line: name }
  })
  return { tag, tasks }
}

/** The plan and those of its subagents. */
export function allPlans(plan: TurnPlan): readonly TurnPlan[] {
  return [plan, ...plan.tasks.flatMap((task) => (task.do === "delegate" ? allPlans(task.plan) : []))]
}
