import { usablePatterns } from "../config/compile-patterns.ts"
import { chainSources, cooldownPolicy, decisionPolicy, forbiddenBy, optedOut } from "../config/policy.ts"
import type { Settings } from "../config/schema.ts"
import type { Catalog } from "../core/catalog.ts"
import { agentKey, type Chain, resolveChain } from "../core/chain.ts"
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
import { decideSuccessor, decideToStay, type Decision } from "../core/decide.ts"
import { nearLimit } from "../core/limits/limit-window.ts"
import { type FallbackEntry, type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import {
  circuitReason,
  needsBeside,
  type SelectInput,
  skipReason,
  type Tried,
  triedModel,
} from "../core/select.ts"
import { type Obstacle, obstacleOf, type SkipReason } from "../core/skip-reason.ts"
import { concernsOnlyThisRequest, type Failure, type Verdict } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import type { Store } from "../store/store.ts"
import type { CategoryRegistry } from "../turn/category-registry.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { SwitchReason } from "../turn/transitions.ts"
import { isFirstOnStandIn } from "../turn/turn-predicates.ts"
import type { Asking, Turn } from "../turn/turn.ts"
import { createRequestProbes } from "./request-probes.ts"

export type FailoverDeps = {
  readonly settings: Settings
  readonly store: Store
  readonly sessions: Sessions
  readonly categories: Pick<CategoryRegistry, "categoryOf">
  readonly host: Pick<Host, "catalog" | "log">
  /** How many keys this provider is asked with, the one in OpenCode's own configuration among them. */
  readonly keyCount: (providerID: string) => number
  /** Whether this version of OpenCode is not supported: then nothing is done. */
  readonly isHostUnsupported?: () => boolean
  readonly now: () => number
  readonly random: () => number
}

type Tripped = {
  readonly key: CircuitKey
  readonly update: (before: CircuitRecord | undefined) => CircuitRecord
}

export type Judgement = { readonly verdict: Verdict; readonly decision: Decision }

export type Failover = ReturnType<typeof createFailover>

/**
 * The decision with its memory, the same for both ways to act: what a failure means, who takes over, and
 * what the circuits remember of it. It does not act on OpenCode.
 */
export function createFailover(deps: FailoverDeps) {
  const { settings, store, sessions, now, random } = deps
  const policy = decisionPolicy(settings)
  const cooldown = cooldownPolicy(settings)
  const probes = createRequestProbes(store, now)
  const patterns = usablePatterns(settings.runtime_fallback.retry_on_patterns)

  /** What OpenCode said last. It is asked at the start of each turn, before a chain is needed. */
  let known: Catalog = { known: false }
  const catalog = async (): Promise<Catalog> => (known = await deps.host.catalog())

  /** Whether this turn takes part at all. */
  const enabled = (sessionID: string): boolean =>
    settings.runtime_fallback.enabled && !sessions.isOff(sessionID) && deps.isHostUnsupported?.() !== true

  const chain = (turn: Pick<Turn, "sessionID" | "own" | "agent">): Chain => {
    const { agent } = turn
    const own = settings.agents[agentKey(settings.agents, agent)]
    const category = deps.categories.categoryOf(turn.sessionID) ?? own?.category
    const sources = chainSources(settings, sessions.get(turn.sessionID).chain)
    return resolveChain(sources, { model: turn.own.model, agent, category, catalog: known })
  }

  /** A walk that begins anew begins with the own model; the one that is being left takes no part. */
  const candidates = (turn: Turn): readonly FallbackEntry[] => {
    const { entries } = chain(turn)
    if (!turn.walksAnew) return entries
    return [{ model: turn.own.model }, ...entries].filter(({ model }) => !sameModel(model, turn.inUse.model))
  }

  const limitReason = (model: ModelKey): SkipReason | undefined => {
    const provider = providerOf(model)
    const atPercent = settings.providers[provider]?.leave_at_percent
    if (atPercent === undefined) return undefined
    const accountCount = deps.keyCount(provider)
    return nearLimit(provider, store.limits(), { atPercent, accountCount }, now())
  }

  const storedCircuit: SelectInput["circuit"] = (key) => store.circuit(key)

  const selection = async (turn: Turn, tried: readonly Tried[]): Promise<SelectInput> => ({
    catalog: await catalog(),
    candidates: candidates(turn),
    tried,
    circuit: storedCircuit,
    needs: {
      ...needsBeside(known, turn.own.model, turn.needs),
      contextTokens: Math.max(turn.needs.contextTokens, sessions.get(turn.sessionID).contextTokens),
    },
    forbidden: (model) => forbiddenBy(settings, model),
    now: now(),
  })

  /** A prompt that is too long for this model needs one whose window is larger. */
  const withLargerWindow = async (turn: Turn): Promise<Turn> => {
    const models = await catalog()
    const window = models.known ? (models.models.get(turn.inUse.model)?.contextTokens ?? 0) : 0
    return { ...turn, needs: { ...turn.needs, contextTokens: window + 1 } }
  }

  const findSuccessor = async (
    turn: Turn,
    why: SwitchReason,
    circuit: SelectInput["circuit"],
  ): Promise<Decision> => {
    const fitting = why.kind === "context_overflow" ? await withLargerWindow(turn) : turn
    const input = await selection(fitting, [...turn.tried, triedModel(turn.inUse.model, why)])
    const spared = why.limit === undefined ? undefined : limitReason
    return decideSuccessor({
      policy,
      selection: { ...input, circuit, spared },
      attempts: attemptsOf(turn),
      mayReturn: [turn.own.model, ...chain(turn).entries.map(({ model }) => model)],
    })
  }

  /** The successor of a model that must not be asked at all. */
  const successor = (turn: Turn, why: SwitchReason): Promise<Decision> =>
    findSuccessor(turn, why, storedCircuit)

  /** What a failure makes of a circuit; `undefined`: it concerns none. */
  const tripped = (turn: Turn, verdict: Verdict): Tripped | undefined => {
    if (concernsOnlyThisRequest.has(verdict.kind)) return undefined
    const key = trippedCircuit(turn.inUse.model, verdict)
    const failed = { key, verdict, policy: cooldown, at: now(), random: random() }
    return { key, update: (before) => afterFailure(before, failed) }
  }

  /** OpenCode's own retries may go to whoever is well again: they have as many switches as the turn had. */
  const attemptsOf = ({ phase, attempts }: Turn): number =>
    phase.is === "exhausted" ? attempts - policy.maxAttempts : attempts

  const isReason = async (verdict: Verdict, failure: Failure): Promise<boolean> =>
    fallsBack(verdict, failure, {
      retryOnErrors: settings.runtime_fallback.retry_on_errors,
      fallbackOn: settings.runtime_fallback.fallback_on,
      retryOnPatterns: await patterns,
    })

  /** A model that is only being probed may be well. */
  const isDown = (model: ModelKey): boolean => {
    const reason = circuitReason({ circuit: storedCircuit, now: now() }, model)
    return reason !== undefined && reason.why !== "being-probed"
  }

  /** What a failure means; `stay` where no other model is to be asked. */
  const weigh = async (
    turn: Turn,
    failure: Failure,
    repeats: number | undefined,
  ): Promise<{ readonly verdict: Verdict; readonly stay?: Decision | undefined }> => {
    const verdict = classify(failure, now())
    if (!enabled(turn.sessionID)) return { verdict, stay: { do: "pass", why: "switched-off" } }
    if (optedOut(settings, providerOf(turn.inUse.model)))
      return { verdict, stay: { do: "pass", why: "provider-opted-out" } }
    const stay = decideToStay({
      verdict,
      isReason: refusesTheTurn(turn, verdict) || (await isReason(verdict, failure)),
      retryKind: sameModelRetryKind(verdict, failure),
      policy,
      repeats,
      isDown: isDown(turn.inUse.model),
      random: random(),
      now: now(),
    })
    return { verdict, stay }
  }

  return {
    ...probes,
    chain,
    successor,
    enabled,
    /** Judges a failure of the model in use, remembers it, and names the successor. */
    judge: async (turn: Turn, failure: Failure, repeats: number | undefined): Promise<Judgement> => {
      const { verdict, stay } = await weigh(turn, failure, repeats)
      const trip = stay ? undefined : tripped(turn, verdict)
      if (trip) store.updateCircuit(trip.key, trip.update)
      // A request passes two circuits and trips one at most: the other's probe is the next one's.
      probes.endProbe({ sessionID: turn.sessionID, model: turn.inUse.model })
      return { verdict, decision: stay ?? (await successor(turn, verdict)) }
    },
    /** What `judge` would say; nothing is remembered of it. */
    foresee: async (turn: Turn, failure: Failure, repeats: number | undefined): Promise<Judgement> => {
      const { verdict, stay } = await weigh(turn, failure, repeats)
      const trip = tripped(turn, verdict)
      const circuit: SelectInput["circuit"] = (key) =>
        key === trip?.key ? trip.update(store.circuit(key)) : store.circuit(key)
      return { verdict, decision: stay ?? (await findSuccessor(turn, verdict, circuit)) }
    },
    /** As `judge`, for a title's failure; see `createJudgeTitle`. */
    noteModelDown: (turn: Turn, verdict: Verdict): void => {
      const trip = tripped(turn, { ...verdict, scope: "model" })
      if (trip) store.updateCircuit(trip.key, trip.update)
    },
    /** Why no turn is to begin on this model, which may be well: a limit of its provider is nearly used up. */
    limitReason,
    /** Why the turn's own model cannot take the turn: health, not connected, or a limit nearly used up. */
    ownReason: async (turn: Turn): Promise<SkipReason | undefined> => {
      const input = await selection(turn, [])
      const reason = skipReason({ ...input, forbidden: () => undefined }, turn.own.model)
      // The user chose this model: only what makes it impossible counts, not what we think of its abilities.
      const counts = reason && impossible.has(obstacleOf(reason))
      return counts ? reason : limitReason(turn.own.model)
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
 * A stand-in that refuses what it is given on its first request says nothing of the request itself: it was not
 * made for this model, and the next one may well take it.
 */
function refusesTheTurn(turn: Turn, { kind }: Verdict): boolean {
  return isFirstOnStandIn(turn) && (kind === "bad_request" || kind === "context_overflow")
}

const impossible: ReadonlySet<Obstacle> = new Set(["cooldown", "hold", "absent"])
