import { failureFromThrown } from "../../core/classify/failure-from.ts"
import { describeSkip } from "../../core/describe-skip.ts"
import { type ModelKey, modelRef, sameModel } from "../../core/model-ref.ts"
import type { Failure } from "../../core/verdict.ts"
import { failureInStream, silenceFailure } from "../../failover/failed-step.ts"
import type { Failover } from "../../failover/failover.ts"
import { leavingFor } from "../../failover/next-move.ts"
import type { Timeouts } from "../../failover/timeouts.ts"
import type { OwnFaults } from "../../failover/own-fault.ts"
import { boundedError } from "../../transport/bounded-error.ts"
import { CutStreamError } from "../../transport/stream-failure.ts"
import { watchStepResponse } from "../../transport/step-response.ts"
import type { Sessions } from "../../turn/sessions.ts"
import type { Leaving } from "../../turn/transitions.ts"
import type { Turn } from "../../turn/turn.ts"
import type { Compactions } from "./compaction.ts"
import type { HttpRequestEvent, HttpResponseEvent, StepEvent } from "./context.ts"
import type { EvidenceBox } from "./evidence.ts"
import type { Loans } from "./loans.ts"
import { keyOf } from "./model-reference.ts"
import { type OwnRequests, standIn, withinTime } from "./own-requests.ts"
import { protocolAt } from "./protocol-at.ts"
import { readFailure } from "./read-failure.ts"

export type HttpDeps = {
  readonly failover: Failover
  readonly sessions: Sessions
  readonly loans: Pick<Loans, "isStuck">
  readonly evidence: EvidenceBox
  readonly ownRequests: OwnRequests
  readonly compactions: Pick<Compactions, "onRequest">
  readonly faults: OwnFaults
  readonly timeouts: (model: ModelKey) => Timeouts
  /** Whether the settings have further keys for this provider: then its requests are sent by us. */
  readonly hasKeys: (providerID: string) => boolean
  readonly now: () => number
}

export type HttpHooks = {
  readonly onRequest: (event: HttpRequestEvent) => Promise<void>
  readonly onResponse: (event: HttpResponseEvent) => Promise<void>
}

/**
 * What goes over the wire for a step: a request to a model that is known to be down is not sent, silence is ended,
 * and every failure is kept with its headers and body until OpenCode asks what to do about it.
 */
export function createHttpHooks(deps: HttpDeps): HttpHooks {
  const { failover, sessions, evidence, ownRequests, timeouts, now } = deps

  return {
    onRequest: async (event) => {
      if (event.kind === "compaction") return deps.compactions.onRequest(event)
      if (event.kind !== "primary" || !takesPart(event)) return
      const refusal = await refusalOf(event)
      if (refusal !== undefined) return ownRequests.answer(event, refusal)
      const { firstTokenMs } = timeouts(keyOf(event.model))
      if (firstTokenMs > 0 || deps.hasKeys(event.model.providerID)) sendOurselves(event, firstTokenMs)
    },
    onResponse: async (event) => {
      const own = ownRequests.responseTo(event.request)
      if (own) event.response = await own
      if (event.kind !== "primary" || !takesPart(event)) return
      // What is known of it already is more than its stand-in says.
      if (own && !event.response.ok && evidence.has(event.sessionID, keyOf(event.model))) return
      if (event.response.ok) return watch(event)
      event.response = boundedError(event.response)
      putFailure(event, await readFailure(event.response, event.model.providerID), false)
    },
  }

  /** @param ms how long an answer may take to begin; 0 for ever */
  function sendOurselves(event: HttpRequestEvent, ms: number): void {
    const { providerID } = event.model
    ownRequests.send(event, async (answer) => {
      const settled = ms > 0 ? await withinTime(answer, ms) : await answer
      if (settled === undefined) {
        putFailure(event, silenceFailure(ms, providerID), false)
        ownRequests.abandon(event.request)
        return standIn(504, `no answer has begun within ${ms / 1_000} s`)
      }
      if (settled.error !== undefined) putFailure(event, failureFromThrown(settled.error, providerID), false)
      return settled.response
    })
  }

  function takesPart({ sessionID }: StepEvent): boolean {
    return sessions.turn(sessionID) !== undefined && failover.enabled(sessionID)
  }

  /** Why this request is not to be sent; only where somebody else can take the step. */
  async function refusalOf({ sessionID, model: reference }: StepEvent): Promise<Response | undefined> {
    const turn = sessions.turn(sessionID)
    const model = keyOf(reference)
    if (!turn || turn.phase.is === "exhausted" || !sameModel(model, turn.inUse.model)) return undefined
    if (deps.loans.isStuck(sessionID)) return undefined
    if (turn.keepsOwn && sameModel(model, turn.own.model)) return undefined
    const reason = failover.tryProbe(model)
    if (!reason) return undefined
    const why = leavingFor(reason)
    if (!(await hasSuccessor(turn, why))) return undefined
    evidence.put(sessionID, model, { saw: "known-down" })
    return standIn(503, `${model} was not asked: ${describeSkip(reason, now())}`)
  }

  async function hasSuccessor(turn: Turn, why: Leaving): Promise<boolean> {
    return (await failover.successor(turn, why)).do === "switch"
  }

  async function canBeLeft({ sessionID }: StepEvent): Promise<boolean> {
    const turn = sessions.turn(sessionID)
    const canBe = await deps.faults.guardAsync(async () => turn !== undefined && hasSuccessor(turn, {}))
    return canBe === true
  }

  function putFailure(event: StepEvent, failure: Failure, began: boolean): void {
    evidence.put(event.sessionID, keyOf(event.model), { saw: "failure", failure, began })
  }

  function watch(event: HttpResponseEvent): void {
    // Of a request that we have sent ourselves only the answer knows the address.
    const protocol = protocolAt(event.response.url || event.request.url)
    if (!protocol) return
    const model = keyOf(event.model)
    const reader = protocol.open({ model: modelRef(model).modelID })
    const clock = { ...timeouts(model), sentAt: ownRequests.sentAt(event.request) ?? now(), now }
    event.response = watchStepResponse(event.response, { reader, framing: protocol.framing }, clock, {
      abandon: () => ownRequests.abandon(event.request),
      onFault: deps.faults.log,
      // OpenCode itself says when a step is complete.
      onFinished: () => undefined,
      beforeEnd: () => Promise.resolve(),
      onFailure: async (broken, shown) => {
        putFailure(event, failureInStream(broken, event.model.providerID), shown !== "nothing")
        // What OpenCode would not take for a failure is made one, where somebody can take over.
        const isUnseen = broken.type === "silence" || broken.type === "empty"
        return isUnseen && (await canBeLeft(event)) ? new CutStreamError() : "pass"
      },
    })
  }
}
