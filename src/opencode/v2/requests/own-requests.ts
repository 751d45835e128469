import { describeSkip } from "../../../core/describe-skip.ts"
import type { ModelKey } from "../../../core/model-ref.ts"
import type { SkipReason } from "../../../core/skip-reason.ts"
import { type Attempt, sendAttempt, type SettledAttempt } from "../../../transport/attempt.ts"
import type { Asking } from "../../../turn/turn.ts"
import type { HttpRequestEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"

export type OwnRequests = ReturnType<typeof createOwnRequests>

/** Must not reject: a hook that throws would end the turn without a word. */
export type Handlers = {
  readonly onAnswer: (answer: Answer) => Promise<Response> | Response
  /** How long the answer may take to begin, milliseconds; 0, as without it, for ever. */
  readonly firstTokenMs?: number
  /** It has not begun by then. @returns what OpenCode gets; `undefined`: the answer is waited for after all */
  readonly onSilence?: () => Promise<Response | undefined>
}

/** What came of a request; where there was no answer `response` stands in for it. Never rejects. */
export type Answer = SettledAttempt & { readonly response: Response }

type Own = {
  readonly response: Promise<Response>
  /** Nothing is sent where it is missing. */
  readonly attempt?: Attempt
}

/** Ends at once, needs no network, and its body is nothing. */
const nowhere = "data:application/json,%7B%7D"

/**
 * Requests that we answer or send ourselves. OpenCode has no deadline that we could set and keeps the model of a
 * compaction, so that the request in its hands is replaced by one that ends at once, and our answer is handed over
 * in the place of that one's.
 */
export function createOwnRequests(send: (request: Request, step: Asking) => Promise<Response>) {
  const known = new WeakMap<Request, Own>()
  /** With the sessions that they belong to. */
  const underWay = new Map<Attempt, string>()

  const replace = (event: HttpRequestEvent, own: Own): void => {
    event.request = new Request(nowhere)
    known.set(event.request, own)
  }

  return {
    /** Nothing is sent; OpenCode gets this answer. */
    answer: (event: HttpRequestEvent, response: Response): void =>
      replace(event, { response: Promise.resolve(response) }),
    /** Sends the request; OpenCode gets what the handlers make of its answer. */
    send: (event: HttpRequestEvent, handlers: Handlers): void => {
      const { sessionID, request } = event
      const step = { sessionID, model: keyOf(event.model) }
      const attempt = sendAttempt(
        { input: request, init: undefined, send: (input, init) => send(new Request(input, init), step) },
        handlers.firstTokenMs ?? 0,
      )
      underWay.set(attempt, sessionID)
      const response = finish(attempt, handlers).finally(() => underWay.delete(attempt))
      replace(event, { response, attempt })
    },
    /** @returns `undefined` for a request that is not ours */
    responseTo: (request: Request): Promise<Response> | undefined => known.get(request)?.response,
    /** When we have sent this request, on the clock of `performance.now`. */
    sentAt: (request: Request): number | undefined => known.get(request)?.attempt?.sentAt,
    /** Closes the connection of a request of ours. */
    abandon: (request: Request): void => known.get(request)?.attempt?.abandon(),
    /** The user has ended the session's turn. */
    abandonAll: (sessionID: string): void => {
      for (const [attempt, owner] of underWay) if (owner === sessionID) attempt.abandon()
    },
  }
}

async function finish({ result, abandon }: Attempt, { onSilence, onAnswer }: Handlers): Promise<Response> {
  const first = await result
  if (first.type !== "silence") return onAnswer(withResponse(first))
  const instead = await onSilence?.()
  if (instead === undefined) return onAnswer(withResponse(await first.later))
  abandon()
  return instead
}

function withResponse(settled: SettledAttempt): Answer {
  if (settled.type === "response") return settled
  return { ...settled, response: ownFailure(502, String(settled.error)) }
}

/** An answer of our own that OpenCode takes for a failure of the provider. */
export function ownFailure(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status })
}

/** A request that is not sent, because of what is known of its model. */
export function notAsked(model: ModelKey, reason: SkipReason, now: number): Response {
  return ownFailure(503, `${model} was not asked: ${describeSkip(reason, now)}`)
}
