import { pick, type Random, randomFor } from "./random.ts"

/** What the model does in a turn when nothing fails. */
export type Task =
  /** Appends one line to a file: seen twice, it ran twice. */
  | { readonly do: "append"; readonly line: string }
  /** Hands a task to a subagent, which has a plan of its own. */
  | { readonly do: "delegate"; readonly plan: TurnPlan }

/** What happens to a turn from outside; times are counted from its prompt. */
export type TurnEvent =
  | { readonly kind: "none" }
  | { readonly kind: "escape"; readonly afterMs: number }
  | { readonly kind: "second-prompt"; readonly afterMs: number; readonly plan: TurnPlan }
  | { readonly kind: "delete"; readonly afterMs: number }
  /** The session is compacted once the turn is over. */
  | { readonly kind: "compact" }

export type TurnPlan = {
  /** Stands in the prompt and tells which plan a request belongs to: `[s3.t7]`. */
  readonly tag: string
  readonly tasks: readonly Task[]
  readonly event: TurnEvent
  /** Every model that is asked for it is away for good. */
  readonly isDoomed: boolean
}

/** A power cut of one of the servers. */
export type Kill = { readonly server: number; readonly atMs: number }

/** The last words of a turn that came to its end. */
export const lastWords = ({ tag }: TurnPlan): string => `done ${tag}`

export const promptOf = ({ tag }: TurnPlan): string => `${tag} please`

/** The tag of the last prompt of ours in a text: OpenCode 1 dresses up a prompt that was thrown in. */
export const tagIn = (text: string): string | undefined =>
  [...text.matchAll(/(\[s\d+\.t\d\S*\]) please/g)].at(-1)?.[1]

/** @param session a number from 0, `turn` too */
export function planTurn(seed: number, session: number, turn: number): TurnPlan {
  const random = randomFor(seed, `session ${session} turn ${turn}`)
  const tag = `[s${session}.t${turn}]`
  return { ...simpleTurn(random, tag), event: planEvent(random, tag), isDoomed: random() < 0.08 }
}

function planEvent(random: Random, tag: string): TurnEvent {
  const share = random()
  const afterMs = Math.round(random() * 1_500)
  if (share < 0.1) return { kind: "escape", afterMs }
  if (share < 0.2)
    return { kind: "second-prompt", afterMs, plan: simpleTurn(random, `${tag.slice(0, -1)}.second]`) }
  if (share < 0.25) return { kind: "delete", afterMs }
  if (share < 0.35) return { kind: "compact" }
  return { kind: "none" }
}

function simpleTurn(random: Random, tag: string, isSubagent = false): TurnPlan {
  const count = pick(random, [0, 1, 1, 1, 2, 3])
  const tasks = Array.from({ length: count }, (_, index): Task => {
    const name = `${tag.slice(1, -1)}.${index}`
    return !isSubagent && random() < 0.2
      ? { do: "delegate", plan: simpleTurn(random, `[${name}]`, true) }
      : { do: "append", line: name }
  })
  return { tag, tasks, event: { kind: "none" }, isDoomed: false }
}

/** The plan, those of its subagents, and that of a prompt thrown in. */
export function allPlans(plan: TurnPlan): readonly TurnPlan[] {
  return [
    plan,
    ...plan.tasks.flatMap((task) => (task.do === "delegate" ? allPlans(task.plan) : [])),
    ...(plan.event.kind === "second-prompt" ? allPlans(plan.event.plan) : []),
  ]
}

/**
 * The tags by which requests of this turn's own session are known: a second prompt joins the turn.
 *
 * @returns without those of its subagents
 */
export function tagsOf({ tag, event }: TurnPlan): readonly string[] {
  return event.kind === "second-prompt" ? [tag, event.plan.tag] : [tag]
}

/** A compaction of its session. The newest prompt that it holds may be one that was given to a subagent. */
export function isCompactionOf(
  plan: TurnPlan,
  { tag, step }: { readonly tag: string; readonly step: string },
): boolean {
  return step === "compaction" && allPlans(plan).some((each) => each.tag === tag)
}

/** One power cut in every half minute, and at least one; of each of so many servers in turn. */
export function planKills(seed: number, seconds: number, servers: number): readonly Kill[] {
  const random = randomFor(seed, "kills")
  const count = Math.max(1, Math.floor(seconds / 30))
  const spanMs = (seconds * 1_000) / count
  return Array.from({ length: count }, (_, index) => ({
    server: index % servers,
    atMs: Math.round(spanMs * (index + 0.3 + random() * 0.4)),
  }))
}
