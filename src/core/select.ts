import { type Catalog, type CatalogModel, knownModel } from "./catalog.ts"
import { type CircuitKey, type CircuitRecord, modelHealth, cooldownOf } from "./circuit.ts"
import { withoutUndefined } from "./json-object.ts"
import { type FallbackEntry, type ModelKey, providerOf, sameModel } from "./model-ref.ts"
import { isAnyModelOf } from "./same-model-elsewhere.ts"
import type { SkipReason } from "./skip-reason.ts"
import { concernsOnlyThisRequest, type FailureKind } from "./verdict.ts"

/** What the turn asks of a model. */
export type TurnNeeds = {
  readonly images: boolean
  readonly pdf: boolean
  readonly tools: boolean
  /** Tokens of the last request of this session; 0 when unknown. */
  readonly contextTokens: number
}

export type Tried = {
  readonly model: ModelKey
  readonly kind?: FailureKind
  /** When the provider itself said that it will be well again; milliseconds since 1970. */
  readonly retryAt?: number
  /** On an earlier walk of the chain: it says nothing of how far this one has come. */
  readonly isEarlier?: true
}

export function triedModel(
  model: ModelKey,
  { kind, retryAt }: { readonly kind?: FailureKind | undefined; readonly retryAt?: number | undefined },
): Tried {
  return { model, ...withoutUndefined({ kind, retryAt }) }
}

export function withTried(tried: readonly Tried[], left: Tried): readonly Tried[] {
  return [...tried.filter(({ model }) => !sameModel(model, left.model)), left]
}

/** What a later walk of the chain keeps: whoever has refused what the turn holds refuses it again. */
export function refusals(tried: readonly Tried[]): readonly Tried[] {
  return tried
    .filter(({ kind }) => kind !== undefined && concernsOnlyThisRequest.has(kind))
    .map((refused) => ({ ...refused, isEarlier: true }))
}

export type SelectInput = {
  readonly candidates: readonly FallbackEntry[]
  /** Models that this turn has already left, in order. */
  readonly tried: readonly Tried[]
  readonly circuit: (key: CircuitKey) => CircuitRecord | undefined
  readonly catalog: Catalog
  readonly needs: TurnNeeds
  /** A rule that forbids the model, in words for people, or `undefined`. */
  readonly forbidden: (model: ModelKey) => string | undefined
  /** Why a turn had better not begin on the model; asked only where one begins elsewhere for that reason. */
  readonly spared?: ((model: ModelKey) => SkipReason | undefined) | undefined
  readonly now: number
}

export type Skipped = { readonly model: ModelKey; readonly reason: SkipReason }

/**
 * The first candidate that can take the turn. A chain is walked forward only: what stands in front of a model
 * that this turn has already tried is not asked again, also when it has recovered meanwhile.
 *
 * One that another request is just probing is taken only if there is no better: it may be well, and the turn
 * would end otherwise. So is one for which OpenCode would compact the session, which costs the user what it holds.
 *
 * @returns with `skipped`: every candidate in front of the pick (all, where there is no pick), with its reason
 */
export function select(input: SelectInput) {
  const skipped: Skipped[] = []
  const onThisWalk = input.tried.filter(({ isEarlier }) => !isEarlier)
  const lastTried = input.candidates.findLastIndex(({ model }) =>
    onThisWalk.some((tried) => sameModel(tried.model, model)),
  )
  let second: FallbackEntry | undefined
  for (const [index, candidate] of input.candidates.entries()) {
    const { model } = candidate
    const isAhead = index > lastTried
    const passed: SkipReason | undefined = isAhead ? undefined : { why: "earlier-in-chain" }
    const reason = skipReason(input, model) ?? passed
    if (!reason) return { pick: candidate, skipped }
    skipped.push({ model, reason })
    if (isAhead && isSecondChoice(input, candidate, reason)) second ??= candidate
  }
  if (!second) return { skipped }
  const pick = second
  return { pick, skipped: skipped.filter(({ model }) => !sameModel(model, pick.model)) }
}

function isSecondChoice(input: SelectInput, { model }: FallbackEntry, { why }: SkipReason): boolean {
  return why === "would-compact" || (why === "being-probed" && canTake(input, model))
}

/** Whether the model could take the turn if it is well. */
export function canTake(
  { catalog, needs }: Pick<SelectInput, "catalog" | "needs">,
  model: ModelKey,
): boolean {
  const reason = catalogReason(catalog, needs, model)
  return reason === undefined || reason.why === "would-compact"
}

/** Why this model cannot take the turn now, or `undefined` when it can. */
export function skipReason(input: Omit<SelectInput, "candidates">, model: ModelKey): SkipReason | undefined {
  const before = input.tried.findLast((tried) => sameModel(tried.model, model))
  if (before) return before.kind === undefined ? { why: "tried" } : { why: "tried", kind: before.kind }
  const rule = isAnyModelOf(model) ? undefined : input.forbidden(model)
  if (rule !== undefined) return { why: "not-allowed", rule }
  return (
    circuitReason(input, model) ?? catalogReason(input.catalog, input.needs, model) ?? input.spared?.(model)
  )
}

/** The part of {@link skipReason} that health decides: the provider's circuit first, then the model's. */
export function circuitReason(
  input: Pick<SelectInput, "circuit" | "now">,
  model: ModelKey,
): SkipReason | undefined {
  const provider = providerOf(model)
  const { provider: whole, model: single } = modelHealth(model, input.circuit, input.now)
  if (whole.state === "open")
    return whole.held
      ? { why: "provider-held", provider }
      : { why: "provider-tripped", provider, ...cooldownOf(whole) }
  if (whole.state === "half-open" && whole.probing) return { why: "being-probed", until: whole.until }
  if (single.state === "open")
    return single.held ? { why: "held" } : { why: "cooling-down", ...cooldownOf(single) }
  if (single.state === "half-open" && single.probing) return { why: "being-probed", until: single.until }
  return undefined
}

/** The part of {@link skipReason} that the catalog decides. */
export function catalogReason(catalog: Catalog, needs: TurnNeeds, model: ModelKey): SkipReason | undefined {
  if (!catalog.known) return { why: "catalog-unknown" }
  const provider = providerOf(model)
  if (!catalog.providers.has(provider)) return { why: "not-connected", provider }
  if (isAnyModelOf(model)) return { why: "not-offered", provider }
  const entry = catalog.models.get(model)
  return entry ? capabilityReason(entry, needs) : { why: "unknown-model" }
}

/** What the own model cannot read either is not missed. */
export function needsBeside(catalog: Catalog, own: ModelKey, needs: TurnNeeds): TurnNeeds {
  const able = knownModel(catalog, own)
  if (!able) return needs
  return { ...needs, images: needs.images && able.images, pdf: needs.pdf && able.pdf }
}

function capabilityReason(model: CatalogModel, needs: TurnNeeds): SkipReason | undefined {
  if (needs.images && !model.images) return { why: "no-images" }
  if (needs.pdf && !model.pdf) return { why: "no-pdf" }
  if (needs.tools && !model.toolCalls) return { why: "no-tools" }
  if (model.contextTokens > 0 && needs.contextTokens > model.contextTokens)
    return {
      why: "window-too-small",
      contextTokens: model.contextTokens,
      neededTokens: needs.contextTokens,
    }
  if (model.compactsAt !== undefined && needs.contextTokens >= model.compactsAt)
    return { why: model.compactsWithoutEnd ? "compacts-without-end" : "would-compact" }
  return undefined
}
