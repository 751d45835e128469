import type { Asking } from "../../turn/asking.ts"
import type { HttpRequestEvent } from "./context.ts"
import { keyOf } from "./model-reference.ts"

/**
 * Requests that we answer or send ourselves. OpenCode has no deadline that we could set and keeps the model of a
 * compaction, so that the request in its hands is replaced by one that ends at once, and our answer is handed over
 * in the place of that one's.
 */
export type OwnRequests = {
  /** Nothing is sent; OpenCode gets this answer. */
  readonly answer: (event: HttpRequestEvent, response: Response) => void
  /**
   * Sends the request; OpenCode gets what `finish` makes of its answer. `finish` must not reject: a hook that throws
   * would end the turn without a word.
   */
  readonly send: (event: HttpRequestEvent, finish: (answer: Promise<Answer>) => Promise<Response>) => void
  /** @returns `undefined` for a request that is not ours */
  readonly responseTo: (request: Request) => Promise<Response> | undefined
  /** When a request of ours was sent, on the clock of `now`. */
  readonly sentAt: (request: Request) => number | undefined
  /** Closes the connection of a request of ours. */
  readonly abandon: (request: Request) => void
  /** The user has ended the session's turn. */
  readonly abandonAll: (sessionID: string) => void
}

/** What came of a request; `error` where there was no answer, for which `response` stands in. Never rejects. */
export type Answer = { readonly response: Response; readonly error?: unknown }

type Sent = {
  readonly response: Promise<Response>
  readonly controller: AbortController
  readonly at: number
}

/** Ends at once, needs no network, and its body is nothing. */
const nowhere = "data:application/json,%7B%7D"

export function createOwnRequests(
  now: () => number,
  send: (request: Request, step: Asking) => Promise<Response>,
): OwnRequests {
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
    answer: (event, response) => replace(event, new AbortController(), Promise.resolve(response)),
    send: (event, finish) => {
      const controller = new AbortController()
      const { sessionID, request } = event
      const step = { sessionID, model: keyOf(event.model) }
      underWay.set(controller, sessionID)
      const answer = send(new Request(request, { signal: controller.signal }), step).then(
        (response): Answer => ({ response }),
        (error: unknown): Answer => ({ error, response: standIn(502, String(error)) }),
      )
      const finished = finish(answer).finally(() => underWay.delete(controller))
      replace(event, controller, finished)
    },
    responseTo: (request) => sent.get(request)?.response,
    sentAt: (request) => sent.get(request)?.at,
    abandon: (request) => sent.get(request)?.controller.abort(),
    abandonAll: (sessionID) => {
      for (const [controller, owner] of underWay) if (owner === sessionID) controller.abort()
    },
  }
}

/** An answer of our own that OpenCode takes for a failure of the provider. */
export function standIn(status: number, message: string): Response {
  return Response.json({ error: { message } }, { status })
}
