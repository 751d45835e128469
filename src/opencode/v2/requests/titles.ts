import { readFailure } from "../../../failover/read-failure.ts"
import { boundedError } from "../../../transport/bounded-error.ts"
import type { HttpRequestEvent, HttpResponseEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import type { Parts } from "../lending/parts.ts"
import { notAsked, type OwnRequests } from "./own-requests.ts"
import { turnOutside } from "./turn-outside.ts"

export type Titles = ReturnType<typeof createTitles>

/**
 * Requests for a session's title. OpenCode asks a small model, and when that fails the session's own, once each:
 * one that is known to be down is passed over, and that one is down is remembered.
 */
export function createTitles({
  failover,
  ownRequests,
  hasKeys,
  now,
}: Parts & { readonly ownRequests: OwnRequests }) {
  return {
    onRequest: (event: HttpRequestEvent): void => {
      const { sessionID } = event
      if (!failover.enabled(sessionID)) return
      const model = keyOf(event.model)
      const reason = failover.whyUnasked(model)
      if (reason) return ownRequests.answer(event, notAsked(model, reason, now()))
      if (hasKeys(event.model.providerID)) ownRequests.send(event, { onAnswer: ({ response }) => response })
    },
    onResponse: async (event: HttpResponseEvent): Promise<void> => {
      if (event.response.ok || !failover.enabled(event.sessionID)) return
      event.response = boundedError(event.response)
      const failure = await readFailure(event.response)
      await failover.judgeTitle(turnOutside(event), failure)
    },
  }
}
