import { record, string } from "../../test/simulator/protocol/json.ts"
import type { Host, Reply, Session } from "../../test/e2e/harness/index.ts"
import type { ModelRecord } from "./model-record.ts"
import { allPlans, lastWords, promptOf, type TurnPlan } from "./turn-plan.ts"

export type FinishedTurn = {
  readonly session: Session
  readonly plan: TurnPlan
  /** `undefined`: the turn did not come to an end in time. */
  readonly reply: Reply | undefined
  readonly startedAtMs: number
  /** How many `session.error` events there were before. */
  readonly errorsBefore: number
  readonly models: readonly string[]
}

/** A failure may have been met by another turn: its cooldown, at most 4 s, reaches into this one. */
const reachMs = 10_000

/** What a user is owed after each turn. @returns what is broken of it, in words */
export async function checkTurn(
  host: Host,
  turn: FinishedTurn,
  lines: ReadonlyMap<string, number>,
  record: ModelRecord,
): Promise<readonly string[]> {
  const { plan, reply } = turn
  if (reply === undefined) return [hangText(host, turn, record)]
  const history = await turn.session.messages()
  return [
    ...outcomeFaults(turn, reply, record),
    ...promptFaults(history, plan),
    ...(await sideEffectFaults(history, turn, lines, record)),
    ...((await busySessions(host)).includes(turn.session.id) ? [`${plan.tag} left its session busy`] : []),
  ]
}

function hangText(host: Host, { session, plan }: FinishedTurn, record: ModelRecord): string {
  const asked = allPlans(plan).map(({ tag }) => `${tag} ${record.trail(tag)}`)
  const events = session.events().slice(-12)
  const seen = events.map(({ type, properties }) => `${type} ${JSON.stringify(properties["status"] ?? "")}`)
  const toasts = host.toasts().slice(-3)
  return `${plan.tag} did not come to its end: ${asked.join("; ")}; ${seen.join(", ")}; ${JSON.stringify(toasts)}`
}

/** Exactly one: the last words, or an error that every model of the chain is behind. */
function outcomeFaults(turn: FinishedTurn, reply: Reply, record: ModelRecord): readonly string[] {
  const { plan, session, errorsBefore, startedAtMs, models } = turn
  const isDone = reply.text.endsWith(lastWords(plan))
  const errors = session.sessionErrors().length - errorsBefore
  if (reply.error === undefined) {
    return [
      ...(isDone
        ? []
        : [
            `${plan.tag} ended with "${reply.text}" (${reply.finish ?? "no finish"}); ${record.trail(plan.tag)}`,
          ]),
      ...(errors === 0 ? [] : [`${plan.tag} succeeded, and yet ${errors} session.error`]),
    ]
  }
  return [
    ...(isDone ? [`${plan.tag} has its last words and the error ${reply.error}`] : []),
    ...(record.allFailed(models, startedAtMs - reachMs)
      ? []
      : [
          `${plan.tag} failed, though not every model of its chain had: ${errorText(reply)}; ${record.trail(plan.tag)}`,
        ]),
  ]
}

const errorText = (reply: Reply): string => JSON.stringify(reply.info["error"]).slice(0, 300)

function promptFaults(history: readonly Reply[], plan: TurnPlan): readonly string[] {
  const copies = history.filter(({ role, text }) => role === "user" && text.trim() === promptOf(plan)).length
  return copies === 1 ? [] : [`${plan.tag} stands ${copies} times in the history`]
}

/** A tool that OpenCode itself reports as failed need not have run; none may have run twice. */
async function sideEffectFaults(
  history: readonly Reply[],
  { session, plan, reply }: FinishedTurn,
  lines: ReadonlyMap<string, number>,
  record: ModelRecord,
): Promise<readonly string[]> {
  const children = await Promise.all((await session.children()).map((child) => child.messages()))
  const tools = [history, ...children].flat().flatMap((message) => message.tools)
  const mayMiss = reply?.error !== undefined || tools.some((tool) => !tool.endsWith(":completed"))
  return allPlans(plan)
    .flatMap(({ tasks }) => tasks)
    .flatMap((task) => {
      if (task.do !== "append") return []
      const count = lines.get(task.line) ?? 0
      if (count === 1 || (count === 0 && mayMiss)) return []
      const trail = allPlans(plan).map(({ tag }) => `${tag} ${record.trail(tag)}`)
      return [`the tool ${task.line} ran ${count} times: ${trail.join("; ")}; tools ${tools.join(", ")}`]
    })
}

/** Sessions that OpenCode does not call idle. */
export async function busySessions(host: Host): Promise<readonly string[]> {
  const statuses = record(await host.api.get("/session/status"))
  return Object.entries(statuses).flatMap(([id, status]) =>
    string(record(status)["type"]) === "idle" ? [] : [id],
  )
}
