import { chainSources, decisionPolicy, forbiddenBy } from "../config/policy.ts"
import type { Settings } from "../config/schema.ts"
import { type Catalog, knownModel } from "../core/catalog.ts"
import { agentKey, type Chain, resolveChain } from "../core/chain.ts"
import { decideSuccessor, type Decision } from "../core/decide.ts"
import { nearLimit } from "../core/limits/limit-window.ts"
import { type FallbackEntry, type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import { needsBeside, type SelectInput, skipReason, type Tried, triedModel } from "../core/select.ts"
import { type Obstacle, obstacleOf, type SkipReason } from "../core/skip-reason.ts"
import type { Host } from "../host/host.ts"
import type { Store } from "../store/store.ts"
import type { CategoryRegistry } from "../turn/category-registry.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { SwitchReason } from "../turn/transitions.ts"
import { isOnOwn } from "../turn/turn-predicates.ts"
import type { Turn } from "../turn/turn.ts"

export type SuccessionDeps = {
  readonly settings: Settings
  readonly store: Pick<Store, "circuit" | "limits">
  readonly sessions: Pick<Sessions, "get">
  readonly categories: Pick<CategoryRegistry, "categoryOf">
  readonly host: Pick<Host, "catalog">
  /** How many keys this provider is asked with, the one in OpenCode's own configuration among them. */
  readonly keyCount: (providerID: string) => number
  readonly now: () => number
}

/** Who stands in a turn's chain, and who of them takes over. Nothing is remembered of it. */
export function createSuccession(deps: SuccessionDeps) {
  const { settings, store, sessions, now } = deps
  const policy = decisionPolicy(settings)

  /** What OpenCode said last. It is asked at the start of each turn, before a chain is needed. */
  let known: Catalog = { known: false }
  const catalog = async (): Promise<Catalog> => (known = await deps.host.catalog())

  const chain = (turn: Pick<Turn, "sessionID" | "own" | "agent">): Chain => {
    const { agent } = turn
    const own = settings.agents[agentKey(settings.agents, agent)]
    const category = deps.categories.categoryOf(turn.sessionID) ?? own?.category
    const sources = chainSources(settings, sessions.get(turn.sessionID).chain)
    return resolveChain(sources, { model: turn.own.model, agent, category, catalog: known })
  }

  /**
   * A walk that begins anew begins with the own model; the one that is being left takes no part. Where the turn has
   * passed the own model over unasked, it comes last, and the walk begins behind the model that was taken instead.
   */
  const candidates = (turn: Turn): readonly FallbackEntry[] => {
    const { entries } = chain(turn)
    const own = { model: turn.own.model }
    if (turn.walksAnew) return [own, ...entries].filter(({ model }) => !sameModel(model, turn.inUse.model))
    const isPassedOver = !isOnOwn(turn) && !turn.tried.some(({ model }) => sameModel(model, own.model))
    if (!isPassedOver || entries.length === 0) return entries
    const begunOn = turn.tried[0]?.model ?? turn.inUse.model
    const at = entries.findIndex(({ model }) => sameModel(model, begunOn))
    return [...entries.slice(at + 1), ...entries.slice(0, Math.max(at, 0)), own]
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
    // Which models may be fallbacks says nothing of the user's own.
    forbidden: (model) => (sameModel(model, turn.own.model) ? undefined : forbiddenBy(settings, model)),
    now: now(),
  })

  /** A prompt that is too long for this model needs one whose window is larger. */
  const withLargerWindow = async (turn: Turn): Promise<Turn> => {
    const window = knownModel(await catalog(), turn.inUse.model)?.contextTokens ?? 0
    return { ...turn, needs: { ...turn.needs, contextTokens: window + 1 } }
  }

  /** OpenCode's own retries may go to whoever is well again: they have as many switches as the turn had. */
  const attemptsOf = ({ phase, attempts }: Turn): number =>
    phase.is === "exhausted" ? attempts - policy.maxAttempts : attempts

  const successor = async (
    turn: Turn,
    why: SwitchReason,
    circuit: SelectInput["circuit"] = storedCircuit,
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

  return {
    chain,
    /**
     * Who takes over from the model in use, which cannot go on for this reason.
     *
     * @param circuit what is known of health; without it what is stored
     */
    successor,
    /** Why the model could not take over this turn now; that it has been tried is none. */
    reasonAgainst: async (turn: Turn, model: ModelKey): Promise<SkipReason | undefined> =>
      skipReason(await selection(turn, []), model),
    /**
     * What the chain says of a model that stands in, beyond the model itself: temperature and the like.
     *
     * @returns `undefined` for the turn's own model, and for one that stands in no chain
     */
    entryInUse: (sessionID: string, model: ModelKey): FallbackEntry | undefined => {
      const { turn } = sessions.get(sessionID)
      if (!turn || sameModel(model, turn.own.model)) return undefined
      return chain(turn).entries.find((entry) => sameModel(entry.model, model))
    },
    /** Why no turn is to begin on this model, which may be well: a limit of its provider is nearly used up. */
    limitReason,
    /** Why the turn's own model cannot take the turn: health, not connected, or a limit nearly used up. */
    ownReason: async (turn: Turn): Promise<SkipReason | undefined> => {
      const reason = skipReason(await selection(turn, []), turn.own.model)
      // The user chose this model: only what makes it impossible counts, not what we think of its abilities.
      const counts = reason && impossible.has(obstacleOf(reason))
      return counts ? reason : limitReason(turn.own.model)
    },
  }
}

const impossible: ReadonlySet<Obstacle> = new Set(["cooldown", "hold", "absent"])
