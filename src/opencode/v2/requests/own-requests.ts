import { withinTime } from "../../../async/within-time.ts"
import { describeSkip } from "../../../core/describe-skip.ts"
import type { ModelKey } from "../../../core/model-ref.ts"
import type { SkipReason } from "../../../core/skip-reason.ts"
import type { SettledAttempt } from "../../../transport/attempt.ts"
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

type Sent = {
  readonly response: Promise<Response>
  readonly controller: AbortController
  readonly at: number
}

/** Ends at once, needs no network, and its body is nothing. */
const nowhere = "data:application/json,%7B%7D"

/**
 * Requests that we answer or send ourselves. OpenCode has no deadline that we could set and keeps the model of a
 * compaction, so that the request in its hands is replaced by one that ends at once, and our answer is handed over
 * in the place of that one's.
 */
export function createOwnRequests(
  now: () => number,
  send: (request: Request, step: Asking) => Promise<Response>,
) {
  const sent = new WeakMap<Request, Sent>()
  /** With the sessions that they belong to. */
  const underWay = new Map<AbortController, string>()

  const replace = (
    event: HttpRequestEvent,
    controller: AbortController,
    response: Promise<Response>,
  ): void => {
    event.request = new Request(nowhere)
    sent.set(event.request, { response, controller, at: now() })
  }

  return {
    /** Nothing is sent; OpenCode gets this answer. */
    answer: (event: HttpRequestEvent, response: Response): void =>
      replace(event, new AbortController(), Promise.resolve(response)),
    /** Sends the request; OpenCode gets what the handlers make of its answer. */
    send: (event: HttpRequestEvent, handlers: Handlers): void => {
      const controller = new AbortController()
      const { sessionID, request } = event
      const step = { sessionID, model: keyOf(event.model) }
      underWay.set(controller, sessionID)
      const answer = send(new Request(request, { signal: controller.signal }), step).then(
        (response): Answer => ({ type: "response", response }),
        (error: unknown): Answer => ({ type: "thrown", error, response: ownFailure(502, String(error)) }),
      )
      const finished = finish(answer, handlers, controller).finally(() => underWay.delete(controller))
      replace(event, controller, finished)
    },
    /** @returns `undefined` for a request that is not ours */
    responseTo: (request: Request): Promise<Response> | undefined => sent.get(request)?.response,
    /** When a request of ours was sent, on the clock of `now`. */
    sentAt: (request: Request): number | undefined => sent.get(request)?.at,
    /** Closes the connection of a request of ours. */
    abandon: (request: Request): void => sent.get(request)?.controller.abort(),
    /** The user has ended the session's turn. */
    abandonAll: (sessionID: string): void => {
      for (const [controller, owner] of underWay) if (owner === sessionID) controller.abort()
    },
  }
}

async function finish(
  answer: Promise<Answer>,
  { firstTokenMs = 0, onSilence, onAnswer }: Handlers,
  controller: AbortController,
): Promise<Response> {
  const early = firstTokenMs > 0 ? await withinTime(answer, firstTokenMs) : await answer
  const instead = early ? undefined : await onSilence?.()
  if (instead === undefined) return onAnswer(early ?? (await answer))
  controller.abort()
  return instead
}

/** An answer of our own that OpenCode takes for a failure of the provider. */
export function ownFailure(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status })
}

/** A request that is not sent, because of what is known of its model. */
export function notAsked(model: ModelKey, reason: SkipReason, now: number): Response {
  return ownFailure(503, `${model} was not asked: ${describeSkip(reason, now)}`)
}
