import type { HttpRequestEvent } from "./context.ts"

/**
 * Requests that we answer or send ourselves. OpenCode has no deadline that we could set, so that the request in its
 * hands is replaced by one that ends at once, and the true answer is handed over in the place of that one's.
 */
export type OwnRequests = {
  /** Nothing is sent; OpenCode gets this answer. */
  readonly answer: (event: HttpRequestEvent, response: Response) => void
  /** Sends the request, and gives up when no answer has begun after so many milliseconds. */
  readonly send: (event: HttpRequestEvent, firstTokenMs: number) => void
  /** @returns `undefined` for a request that is not ours */
  readonly responseTo: (request: Request) => Promise<OwnResponse | undefined>
  /** Closes the connection of a request of ours. */
  readonly abandon: (request: Request) => void
  /** The user has ended the session's turn. */
  readonly abandonAll: (sessionID: string) => void
}

export type OwnResponse = { readonly response: Response; readonly sentAt: number } & (
  | { readonly is: "refused" | "silent" | "answered" }
  /** No answer at all: a refused connection, for instance. */
  | { readonly is: "broken"; readonly error: unknown }
)

type Sent = { readonly response: Promise<OwnResponse>; readonly controller: AbortController }

/** Ends at once, needs no network, and its body is nothing. */
const nowhere = "data:application/json,%7B%7D"

export function createOwnRequests(
  now: () => number,
  send: (request: Request) => Promise<Response>,
): OwnRequests {
  const sent = new WeakMap<Request, Sent>()
  const ofSession = new Map<string, Set<AbortController>>()

  const replace = (
    event: HttpRequestEvent,
    controller: AbortController,
    response: Promise<OwnResponse>,
  ): void => {
    event.request = new Request(nowhere)
    sent.set(event.request, { response, controller })
  }

  return {
    answer: (event, response) =>
      replace(event, new AbortController(), Promise.resolve({ is: "refused", response, sentAt: now() })),
    send: (event, firstTokenMs) => {
      const controller = new AbortController()
      const { sessionID, request } = event
      const controllers = ofSession.get(sessionID) ?? new Set()
      ofSession.set(sessionID, controllers.add(controller))
      const sentAt = now()
      const answer = send(new Request(request, { signal: controller.signal }))
      const forget = (): void => {
        controllers.delete(controller)
        if (controllers.size === 0) ofSession.delete(sessionID)
      }
      replace(event, controller, withDeadline(answer, firstTokenMs, sentAt, controller).finally(forget))
    },
    responseTo: async (request) => sent.get(request)?.response,
    abandon: (request) => sent.get(request)?.controller.abort(),
    abandonAll: (sessionID) => {
      for (const controller of ofSession.get(sessionID) ?? []) controller.abort()
    },
  }
}

/** Never rejects: a hook that throws would end the turn without a word. */
async function withDeadline(
  sending: Promise<Response>,
  ms: number,
  sentAt: number,
  controller: AbortController,
): Promise<OwnResponse> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const answer = sending.then(
    (response): OwnResponse => ({ is: "answered", response, sentAt }),
    (error: unknown): OwnResponse => ({ is: "broken", error, response: standIn(502, String(error)), sentAt }),
  )
  const silent = new Promise<OwnResponse>((resolve) => {
    timer = setTimeout(() => {
      const message = `no answer has begun within ${ms / 1_000} s`
      resolve({ is: "silent", response: standIn(504, message), sentAt })
      controller.abort()
    }, ms)
  })
  try {
    return await Promise.race([answer, silent])
  } finally {
    clearTimeout(timer)
  }
}

/** An answer of our own that OpenCode takes for a failure of the provider. */
export function standIn(status: 502 | 503 | 504, message: string): Response {
  return Response.json({ error: { message } }, { status })
}
