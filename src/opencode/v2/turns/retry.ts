import { sameModel } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { NextMove } from "../../../failover/next-move.ts"
import { refusalOf } from "../../../turn/turn-predicates.ts"
import type { RetryEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import { takeUp } from "../lending/session-model.ts"
import type { Compactions } from "../requests/compaction.ts"
import { isPutBack, type StepDeps } from "../requests/step-requests.ts"
import { asksAgain, boundedRetry, switchTo, perform, refuse, type RetryQuestion } from "./perform-move.ts"
import type { TurnStarts } from "./turn-starts.ts"

type RetryDeps = StepDeps & {
  readonly starts: TurnStarts
  readonly compactions: Compactions
}

/** OpenCode's words where it cannot put the file into a request, which it then does not send (2.0.15). */
const hasNoPlaceForPdf = /does not support media type application\/pdf/

/** From here on the same model is not asked twice: what is left of the step's budget belongs to the chain. */
const lastRepeat = 6

/**
 * Answers OpenCode's question what to do about a failed step: switch the session to the next model and ask again at
 * once, inside the same turn.
 */
export function createRetryHook(deps: RetryDeps): (event: RetryEvent) => Promise<void> {
  return async (event) => {
    const { sessionID } = event
    try {
      await answer(deps, event)
    } catch (error) {
      // Requests that we refuse would all end here.
      deps.loans.stick(sessionID)
      throw error
    } finally {
      deps.failover.endProbe({ sessionID, model: keyOf(event.model) })
    }
  }
}

async function answer(deps: RetryDeps, event: RetryEvent): Promise<void> {
  const startedAt = deps.now()
  const { sessionID } = event
  if (!deps.failover.enabled(sessionID)) return
  // The chain has been walked for it already; see `createCompactions`.
  if (deps.compactions.isUnderWay(sessionID)) {
    if (deps.compactions.isTakenOver(sessionID)) event.decision = { retry: true, delay: 0 }
    else if (event.decision.retry) event.decision = boundedRetry(event.decision)
    return
  }
  const model = keyOf(event.model)
  const { evidence, reader } = deps.steps.asked(event) ?? {}
  if (!evidence && hasNoPlaceForPdf.test(event.error.message)) deps.host.noteWithoutPdf(model)
  const { session, models } = await takeUp(deps, sessionID)
  if (!models) return
  const { current, own } = models
  if (!sameModel(keyOf(current), model)) {
    // Somebody has switched the session while this request was under way: that is the answer.
    event.decision = { retry: true, delay: 0 }
    return
  }
  const running = deps.sessions.turn(sessionID)
  if (running && evidence?.saw === "known-down" && isPutBack(deps.loans, running, current)) {
    await deps.loans.lendAgain(sessionID)
    event.decision = { retry: true, delay: 0 }
    return
  }
  const turn = deps.starts.turnOf(event, own)
  const refusal = refusalOf(turn)
  if (refusal !== undefined) return refuse(event, refusal)
  const seen = evidence?.saw === "failure" ? evidence : undefined
  // A WebSocket that closes is seen by nobody.
  const hasBegun = seen ? seen.began : reader !== undefined && reader.shown !== "nothing"
  const failed: RetryQuestion = { event, turn, own, idleAt: session.time?.idle, startedAt, hasBegun }
  if (evidence?.saw !== "known-down") return perform(deps, failed, await judge(deps, failed, seen?.failure))
  const next = await deps.nextMove.withoutAsking(turn)
  if (next) await switchTo(deps, failed, next)
}

function judge(
  { nextMove, steps }: RetryDeps,
  { event, turn, hasBegun }: RetryQuestion,
  failure = failureOfRetry(event),
): Promise<NextMove> {
  const isIdentical = !hasBegun && event.attempt <= lastRepeat
  return nextMove.afterFailure(turn, {
    failure,
    repeats: isIdentical ? steps.repeats(event) : undefined,
    asksAgain: asksAgain(event),
  })
}

/**
 * What OpenCode 2 says of a failure, where the answer itself was not seen: a refused connection, a WebSocket. Its
 * own class of the error stands in for the status that is missing.
 */
export function failureOfRetry({ error }: Pick<RetryEvent, "error">): Failure {
  const { message } = error
  const status = error.status !== undefined && error.status >= 400 ? error.status : statusOf(error.type)
  const code = error.type === "provider.transport" ? { code: "ECONNRESET" } : {}
  return { message, ...code, ...(status !== undefined && { status }) }
}

function statusOf(type: string): number | undefined {
  return Object.hasOwn(statuses, type) ? statuses[type] : undefined
}

const statuses: Readonly<Record<string, number>> = {
  "provider.rate-limit": 429,
  "provider.quota": 402,
  "provider.internal": 500,
  "provider.auth": 401,
  // A page of a proxy, JSON of something else, a stream without an end.
  "provider.invalid-output": 502,
}
