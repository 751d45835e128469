import { usablePatterns } from "../config/compile-patterns.ts"
import { cooldownPolicy, decisionPolicy, optedOut } from "../config/policy.ts"
import {
  afterFailure,
  afterSuccess,
  type CircuitKey,
  circuitKeys,
  type CircuitRecord,
  trippedCircuit,
} from "../core/circuit.ts"
import { classify } from "../core/classify/classify.ts"
import { fallsBack } from "../core/classify/falls-back.ts"
import { sameModelRetryKind } from "../core/classify/same-model-retry-kind.ts"
import { decideToStay, type Decision } from "../core/decide.ts"
import { type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import type { SelectInput } from "../core/select.ts"
import { concernsOnlyThisRequest, type Failure, type Verdict } from "../core/verdict.ts"
import type { Store } from "../store/store.ts"
import type { Sessions } from "../turn/sessions.ts"
import { isOnUntriedStandIn } from "../turn/turn-predicates.ts"
import type { Asking, Turn } from "../turn/turn.ts"
import { createRequestProbes } from "./request-probes.ts"
import { createSuccession, type SuccessionDeps } from "./succession.ts"

export type FailoverDeps = SuccessionDeps & {
  readonly store: Store
  readonly sessions: Sessions
  /** Whether this version of OpenCode is not supported: then nothing is done. */
  readonly isHostUnsupported?: () => boolean
  readonly random: () => number
}

type Tripped = {
  readonly key: CircuitKey
  readonly update: (before: CircuitRecord | undefined) => CircuitRecord
}

export type Judgement = { readonly verdict: Verdict; readonly decision: Decision }

export type Failover = ReturnType<typeof createFailover>

/**
 * The decision with its memory, whoever carries it out: what a failure means, who takes over, and what the
 * circuits remember of it. It does not act on OpenCode.
 */
export function createFailover(deps: FailoverDeps) {
  const { settings, store, sessions, now, random } = deps
  const policy = decisionPolicy(settings)
  const cooldown = cooldownPolicy(settings)
  const probes = createRequestProbes(store, now)
  const succession = createSuccession(deps)
  const patterns = usablePatterns(settings.runtime_fallback.retry_on_patterns)

  /** Whether this turn takes part at all. */
  const enabled = (sessionID: string): boolean =>
    settings.runtime_fallback.enabled && !sessions.isOff(sessionID) && deps.isHostUnsupported?.() !== true

  /** What a failure makes of a circuit; `undefined`: it concerns none. */
  const tripped = (turn: Turn, verdict: Verdict, failure: Failure): Tripped | undefined => {
    if (concernsOnlyThisRequest.has(verdict.kind) || failure.forAllKeys?.concernsOneSession) return undefined
    const key = trippedCircuit(turn.inUse.model, verdict)
    const failed = { key, verdict, policy: cooldown, at: now(), random: random() }
    return { key, update: (before) => afterFailure(before, failed) }
  }

  const isReason = async (verdict: Verdict, failure: Failure): Promise<boolean> =>
    fallsBack(verdict, failure, {
      retryOnErrors: settings.runtime_fallback.retry_on_errors,
      fallbackOn: settings.runtime_fallback.fallback_on,
      retryOnPatterns: await patterns,
    })

  /** A model that is only being probed may be well. */
  const isDown = (model: ModelKey): boolean => {
    const reason = probes.whyUnasked(model)
    return reason !== undefined && reason.why !== "being-probed"
  }

  /** What a failure means; `stay` where no other model is to be asked. */
  const weigh = async (
    turn: Turn,
    failure: Failure,
    repeats: number | undefined,
  ): Promise<{ readonly verdict: Verdict; readonly stay?: Decision | undefined }> => {
    const provider = providerOf(turn.inUse.model)
    const verdict = classify({ ...failure, provider }, now())
    if (!enabled(turn.sessionID)) return { verdict, stay: { do: "pass", why: "switched-off" } }
    if (optedOut(settings, provider)) return { verdict, stay: { do: "pass", why: "provider-opted-out" } }
    const stay = decideToStay({
      verdict,
      isReason: refusesTheTurn(turn, verdict, failure) || (await isReason(verdict, failure)),
      retryKind: sameModelRetryKind(verdict, failure),
      policy,
      repeats,
      isDown: isDown(turn.inUse.model),
      patientSince: turn.inUse.patientSince,
      patientTries: turn.patientTries ?? 0,
      random: random(),
      now: now(),
    })
    return { verdict, stay }
  }

  /** What `judge` would say; nothing is remembered of it. */
  const foresee = async (turn: Turn, failure: Failure, repeats: number | undefined): Promise<Judgement> => {
    const { verdict, stay } = await weigh(turn, failure, repeats)
    const trip = tripped(turn, verdict, failure)
    const circuit: SelectInput["circuit"] = (key) =>
      key === trip?.key ? trip.update(store.circuit(key)) : store.circuit(key)
    return { verdict, decision: stay ?? (await succession.successor(turn, verdict, circuit)) }
  }

  return {
    ...probes,
    ...succession,
    enabled,
    isDown,
    /** Judges a failure of the model in use, remembers it, and names the successor. */
    judge: async (turn: Turn, failure: Failure, repeats: number | undefined): Promise<Judgement> => {
      const { verdict, stay } = await weigh(turn, failure, repeats)
      const trip = stay ? undefined : tripped(turn, verdict, failure)
      if (trip) store.updateCircuit(trip.key, trip.update)
      // A request passes two circuits and trips one at most: the other's probe is the next one's.
      probes.endProbe({ sessionID: turn.sessionID, model: turn.inUse.model })
      return { verdict, decision: stay ?? (await succession.successor(turn, verdict)) }
    },
    foresee,
    /**
     * Says who writes a title whose request has failed, and remembers that its model is down. Of its provider a title
     * says nothing, since a small model may just not be part of the plan, nor of the model that the turn itself is on,
     * whose own requests say more: a server that answers one request at a time refuses the title beside them.
     */
    judgeTitle: async (title: Turn, failure: Failure): Promise<Decision> => {
      const { verdict, decision } = await foresee(title, failure, undefined)
      const taken = sessions.turn(title.sessionID)?.inUse.model
      const isOfTheTurn = taken !== undefined && sameModel(taken, title.inUse.model)
      const isDownNow = decision.do !== "pass" && !isOfTheTurn
      const trip = isDownNow ? tripped(title, { ...verdict, scope: "model" }, failure) : undefined
      if (trip) store.updateCircuit(trip.key, trip.update)
      return decision
    },
    /** The model has properly answered the request that was sent at this time. */
    succeeded: (asking: Asking, sentAt: number): void => {
      for (const key of circuitKeys(asking.model))
        if (store.circuit(key)) store.updateCircuit(key, (before) => afterSuccess(before, sentAt))
      probes.endProbe(asking)
    },
  }
}

/**
 * A stand-in that refuses what it is given before it has answered says nothing of the request itself: it was not
 * made for this model, and the next one may well take it. So does a key that stands in for another account's.
 */
function refusesTheTurn(turn: Turn, { kind }: Verdict, failure: Failure): boolean {
  const standsIn = isOnUntriedStandIn(turn) || failure.forAllKeys?.concernsOneSession === true
  return standsIn && (kind === "bad_request" || kind === "context_overflow")
}
