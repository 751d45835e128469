import { failureOf, readFailure, silenceFailure } from "../../../failover/read-failure.ts"
import { RefusedTurnError } from "../../../failover/refusal-text.ts"
import { boundedError } from "../../../transport/bounded-error.ts"
import { CutStreamError } from "../../../transport/stream-failure.ts"
import type { HttpRequestEvent, HttpResponseEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import type { Compactions } from "./compaction.ts"
import { notAsked, ownFailure, type OwnRequests } from "./own-requests.ts"
import {
  beginRequest,
  isLastRequest,
  noteEnd,
  type StepDeps,
  takesPart,
  toldOf,
  toldOfBroken,
  whyUnasked,
} from "./step-requests.ts"
import type { Titles } from "./titles.ts"
import { protocolAt, watchAnswer } from "./watch-answer.ts"

export type HttpDeps = StepDeps & {
  readonly ownRequests: OwnRequests
  readonly compactions: Pick<Compactions, "onRequest">
  readonly titles: Titles
}

/**
 * What goes over the wire for a step: a request to a model that is known to be down is not sent, silence is ended,
 * and every failure is kept with its headers and body until OpenCode asks what to do about it.
 */
export function createHttpHooks(deps: HttpDeps) {
  return {
    onRequest: async (event: HttpRequestEvent): Promise<void> => {
      if (event.kind === "compaction") return deps.compactions.onRequest(event)
      if (event.kind === "title") return deps.titles.onRequest(event)
      if (!takesPart(deps, event)) return
      beginRequest(deps, event)
      const model = keyOf(event.model)
      const reason = await whyUnasked(deps, event)
      if (reason) {
        deps.steps.saw(event, { saw: "known-down" })
        return deps.ownRequests.answer(event, notAsked(model, reason, deps.now()))
      }
      const { firstTokenMs } = deps.timeouts(model)
      const isLast = isLastRequest(deps, event.sessionID)
      if (firstTokenMs > 0 || isLast || deps.hasKeys(event.model.providerID))
        sendOurselves(deps, event, firstTokenMs)
    },
    onResponse: async (event: HttpResponseEvent): Promise<void> => {
      const { steps, ownRequests } = deps
      const own = ownRequests.responseTo(event.request)
      if (own) event.response = await own
      if (event.kind === "title" && !own) return deps.titles.onResponse(event)
      if (!takesPart(deps, event)) return
      const { providerID } = event.model
      if (!own) deps.faults.guard(() => deps.limits.seen({ account: providerID }, event.response.headers))
      // What is known of it already is more than its stand-in says.
      if (own && !event.response.ok && steps.hasEvidence(event)) return
      if (event.response.ok) return watch(deps, event)
      event.response = boundedError(event.response)
      const failure = await readFailure(event.response)
      deps.steps.saw(event, { saw: "failure", failure, began: false })
      const told = await toldOf(deps, event, "status", failure)
      if (told) event.response = ownFailure(told.isLastWord ? event.response.status : 503, told.says)
    },
  }
}

function sendOurselves(deps: HttpDeps, event: HttpRequestEvent, firstTokenMs: number): void {
  deps.ownRequests.send(event, {
    firstTokenMs,
    onSilence: async () => {
      const silence = silenceFailure(firstTokenMs)
      const told = await toldOf(deps, event, "silence", silence)
      if (!told) return undefined
      deps.steps.saw(event, { saw: "failure", failure: silence, began: false })
      return ownFailure(
        504,
        told.isLastWord ? told.says : `no answer has begun within ${firstTokenMs / 1_000} s`,
      )
    },
    onAnswer: async (answer) => {
      if (answer.type === "response") return answer.response
      const failure = await failureOf(answer)
      deps.steps.saw(event, { saw: "failure", failure, began: false })
      const told = await toldOf(deps, event, "thrown", failure)
      return told ? ownFailure(502, told.says) : answer.response
    },
  })
}

function watch(deps: HttpDeps, event: HttpResponseEvent): void {
  // Of a request that we have sent ourselves only the answer knows the address.
  const protocol = protocolAt(event.response.url || event.request.url)
  if (!protocol) return
  event.response = watchAnswer(deps, event, protocol, event.response, {
    beforeEnd: async (closing) => noteEnd(deps, event, closing),
    onFailure: async (broken, shown) => {
      const told = await toldOfBroken(deps, event, broken, shown)
      if (!told) return "pass"
      return told.isLastWord ? new RefusedTurnError(told.says) : new CutStreamError()
    },
  })
}
