import { allPlans, isCompactionOf, lastWords, tagsOf, type TurnPlan } from "./plan-turn.ts"
import type { Broken, PromiseName, SeenRequest, SeenTurn } from "./seen.ts"

type Finding = Omit<Broken, "tag" | "session">

/** A failure may have been met by another turn: its rest, 4 s at most, reaches into this one. */
const reachMs = 10_000

/** What a user is owed after each turn. @returns what was not held */
export function turnPromises(turn: SeenTurn, requests: readonly SeenRequest[]): readonly Broken[] {
  const { plan, session } = turn
  const findings = isOver(turn)
    ? [
        ...endFindings(turn, requests),
        ...givenUpFindings(turn, requests),
        ...messageFindings(turn),
        ...modelFindings(turn),
        ...traceFindings(turn),
      ]
    : []
  return [...hangFindings(turn), ...toolFindings(turn), ...findings].map((finding) => ({
    ...finding,
    tag: plan.tag,
    session,
  }))
}

/** The session is at rest and still there. */
function isOver({ end }: SeenTurn): boolean {
  return end.is === "answered" || end.is === "failed"
}

function finding(promise: PromiseName, expected: string, seen: string): Finding {
  return { promise, expected, seen }
}

function hangFindings({ end }: SeenTurn): readonly Finding[] {
  return end.is === "hung" ? [finding("every turn ends", "a session at rest", end.state)] : []
}

const endPromise = "a turn ends with its answer, or with an error that every model of its chain is behind"

function endFindings(turn: SeenTurn, requests: readonly SeenRequest[]): readonly Finding[] {
  const { plan, end, text, sessionErrors } = turn
  // Whoever presses Esc gets what there is.
  if (plan.event.kind === "escape") return []
  const well = turn.chain.filter((model) => !hasFailed(model, turn, requests))
  if (end.is === "answered") {
    const rightly = mostErrors(turn, requests, well)
    return [
      ...(isAnswer(turn) ? [] : [finding(endPromise, wordsOf(plan).join(" or "), `"${text}"`)]),
      ...(sessionErrors.length <= rightly
        ? []
        : [finding(endPromise, `${rightly} errors`, `session.error ${sessionErrors.join(", ")}`)]),
    ]
  }
  if (end.is !== "failed") return []
  const answered = requests.findLast(({ tag, step }) => tagsOf(plan).includes(tag) && step !== "compaction")
  const isLost = answered?.fault === undefined && answered?.holds === "words"
  return [
    ...(well.length === 0 ? [] : [finding(endPromise, `an answer of ${well.join(" or ")}`, end.error)]),
    ...(isLost ? [finding(endPromise, `the last words, which ${answered.model} has said`, end.error)] : []),
  ]
}

/**
 * How many errors an answered turn may tell of: the first of two prompts may have failed with its whole chain before
 * the second was taken up, and OpenCode tells of each failure of a compaction for which it does not ask again itself.
 */
function mostErrors({ plan }: SeenTurn, requests: readonly SeenRequest[], well: readonly string[]): number {
  if (plan.event.kind === "second-prompt") return well.length === 0 ? 1 : 0
  if (plan.event.kind !== "compact") return 0
  return requests.filter((request) => isCompactionOf(plan, request) && request.fault !== undefined).length
}

function isAnswer({ plan, text }: SeenTurn): boolean {
  return wordsOf(plan).some((words) => text.trimEnd().endsWith(words))
}

/** Two prompts may be answered by one answer, which is that of the second. */
function wordsOf(plan: TurnPlan): readonly string[] {
  const { event } = plan
  return event.kind === "second-prompt" ? [lastWords(event.plan), lastWords(plan)] : [lastWords(plan)]
}

function hasFailed(model: string, { startedAtMs }: SeenTurn, requests: readonly SeenRequest[]): boolean {
  return requests.some((request) => {
    if (request.fault === undefined || request.atMs < startedAtMs - reachMs) return false
    // A key that is refused, or has no credit left, is that of all models of its provider.
    const isOfProvider = /^40[12]/.test(request.fault) && providerOf(request.model) === providerOf(model)
    return request.model === model || isOfProvider
  })
}

const providerOf = (model: string): string => model.slice(0, model.indexOf("/"))

/** OpenCode itself asks a step again five times at least; these are some tries of a chain of two. */
const fewRequests = 4
/** Our own end of a turn, or a failure that OpenCode does not ask again. What else ends a turn is OpenCode's choice. */
const isFinal = /No model is left|"statusCode":40[124]/
/** Gemini says of a rate limit what others say of an empty wallet. */
const mayBeLasting = /^(?:40[124]|429)/

/** Whoever failed for a moment only may be well again while OpenCode's own retries last. */
function givenUpFindings({ plan, end }: SeenTurn, requests: readonly SeenRequest[]): readonly Finding[] {
  if (end.is !== "failed" || plan.event.kind === "escape" || !isFinal.test(end.error)) return []
  const own = requests.filter(({ tag, step }) => tagsOf(plan).includes(tag) && step !== "compaction")
  const last = own.at(-1)
  if (last?.fault === undefined || mayBeLasting.test(last.fault)) return []
  if (own.filter(({ step }) => step === last.step).length > fewRequests) return []
  const expected = `${last.model} asked again after ${last.fault}`
  return [finding("no turn is given up while a model may be well again", expected, end.error)]
}

/** A tool that OpenCode itself reports as failed need not have run; none may have run twice. */
function toolFindings(turn: SeenTurn): readonly Finding[] {
  const { plan, end, lines, tools } = turn
  const isWhole = end.is === "answered" && plan.event.kind !== "escape" && plan.event.kind !== "second-prompt"
  const mayMiss = !isWhole || tools.some((tool) => !tool.endsWith(":completed"))
  return allPlans(plan)
    .flatMap(({ tasks }) => tasks)
    .flatMap((task) => {
      const count = task.do === "append" ? (lines.get(task.line) ?? 0) : 1
      if (task.do !== "append" || count === 1 || (count === 0 && mayMiss)) return []
      const seen = `${task.line} ran ${count} times (${tools.join(", ")})`
      return [finding("no tool runs twice, none is left out", "once", seen)]
    })
}

function messageFindings({ users, prompts }: SeenTurn): readonly Finding[] {
  const written = users.filter(({ isCompaction }) => !isCompaction).map(({ text }) => text.trim())
  const copies = (text: string): number => written.filter((other) => other === text).length
  // OpenCode 1 stores a message and then its text: a power cut in between leaves an empty one (1.18.33).
  const missing = prompts.filter(({ text, mayMiss }) => mayMiss && copies(text) === 0)
  const mayBeEmpty = copies("") <= missing.length
  const wrong = [
    ...prompts.flatMap(({ text, mayMiss }) => {
      const count = copies(text)
      return count === 1 || (count === 0 && mayMiss) ? [] : [`"${text}" ${count} times`]
    }),
    ...written
      .filter((text) => prompts.every((prompt) => prompt.text !== text) && !(text === "" && mayBeEmpty))
      .map((text) => `"${text}", which nobody wrote`),
  ]
  return wrong.length === 0
    ? []
    : [finding("one prompt is one message", `${prompts.length} messages, once each`, wrong.join("; "))]
}

function modelFindings({ chain, users, standsOn }: SeenTurn): readonly Finding[] {
  const own = chain[0] ?? ""
  const lent = users.filter(({ model }) => model !== undefined && model !== own)
  return [
    ...(lent.length === 0
      ? []
      : [
          finding(
            "every message names the user's own model after the turn",
            own,
            lent
              .map((user) => `${user.isCompaction ? "compaction" : `"${user.text}"`}: ${user.model}`)
              .join("; "),
          ),
        ]),
    ...(standsOn === own
      ? []
      : [finding("the session stands on the user's own model after the turn", own, standsOn)]),
  ]
}

function traceFindings({ traces }: SeenTurn): readonly Finding[] {
  return traces.map((trace) => finding("nothing of ours leaves or stays", "no trace in the history", trace))
}

/** Whether the turn has met the end of its chain, whatever became of it. */
export function isExhausted(turn: SeenTurn, requests: readonly SeenRequest[]): boolean {
  const own = requests.filter(({ tag }) => tag === turn.plan.tag)
  const failed = (model: string): boolean =>
    own.some((request) => request.model === model && request.fault !== undefined)
  return turn.end.is === "failed" || turn.chain.every(failed)
}
