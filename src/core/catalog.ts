import { field } from "./json-object.ts"
import { type ModelKey, sameModel } from "./model-ref.ts"

/** What OpenCode says of one connected model. */
export type CatalogModel = {
  /** As OpenCode shows it; absent when it does not say. */
  readonly name?: string
  /** `2026-01-31`; absent when it does not say. */
  readonly releaseDate?: string
  /** The package that speaks to it, such as `@ai-sdk/openai`; absent when OpenCode does not say. */
  readonly npm?: string
  /** Models of one family are versions of each other; absent when OpenCode does not say. */
  readonly family?: string
  /** OpenCode advises against it. */
  readonly isDeprecated?: true
  /** The reasoning variants that it has; absent when OpenCode does not say. */
  readonly variants?: readonly string[]
  readonly images: boolean
  readonly pdf: boolean
  readonly toolCalls: boolean
  /** Tokens that a prompt may have; 0 when OpenCode does not know. */
  readonly contextTokens: number
  /** From how many tokens on OpenCode compacts a session on it; 0: at each step. Absent: never. */
  readonly compactsAt?: number
  /** OpenCode would do so behind each step and never come to an end (version 1). */
  readonly compactsWithoutEnd?: true
  /** Whether its tokens have a price; absent when OpenCode names none, 0 included. */
  readonly isPaidByToken?: boolean
}

/**
 * The models that OpenCode can use right now. Not `known` when it could not be asked or answered with nothing:
 * that is no licence to send, only the absence of an opinion (see `select`).
 */
export type Catalog = { readonly known: false } | KnownCatalog

export type KnownCatalog = {
  readonly known: true
  readonly providers: ReadonlySet<string>
  readonly models: ReadonlyMap<ModelKey, CatalogModel>
}

/** What is known of a model by this very name. */
export function knownModel(catalog: Catalog, model: ModelKey): CatalogModel | undefined {
  return catalog.known ? catalog.models.get(model) : undefined
}

/**
 * A model in the catalog's own spelling: users copy ids from pages that write them in capitals, while circuits
 * and the catalog are exact. One that it does not know stays as it is.
 */
export function spelledAs(catalog: Catalog | undefined, model: ModelKey): ModelKey {
  if (!catalog?.known || catalog.models.has(model)) return model
  for (const known of catalog.models.keys()) if (sameModel(known, model)) return known
  return model
}

/**
 * How long a prompt may be, from a model's `limit`: `input` where the provider takes less than the whole window
 * (`context`), as OpenAI does. 0 when neither says so.
 */
export function promptTokens(limit: unknown): number {
  const said = [field(limit, "context"), field(limit, "input")]
  const known = said.filter((tokens) => typeof tokens === "number").filter((tokens) => tokens > 0)
  return known.length === 0 ? 0 : Math.min(...known)
}

/**
 * From a model's `cost`, dollars for a million tokens: one object in version 1, a list of tiers in version 2. Free
 * and local models and those of a subscription's login cost 0, which version 2 says of a model without a price by an
 * empty list (2.0.15).
 */
export function isPaidByToken(cost: unknown): boolean | undefined {
  const tiers: readonly unknown[] = Array.isArray(cost) ? cost : [cost]
  const prices = tiers
    .flatMap((tier) => [field(tier, "input"), field(tier, "output")])
    .filter((price) => typeof price === "number")
  if (Array.isArray(cost) && tiers.length === 0) return false
  return prices.length === 0 ? undefined : prices.some((price) => price > 0)
}

/** Whether somebody whose own model costs nothing by the token would begin to pay. */
export function beginsToCost(catalog: Catalog, own: ModelKey, to: ModelKey): boolean {
  const isPaid = (model: ModelKey): boolean | undefined =>
    knownModel(catalog, spelledAs(catalog, model))?.isPaidByToken
  return isPaid(own) === false && isPaid(to) === true
}

/** Whether the model has this reasoning variant; what OpenCode does not say counts as possible. */
export function offersVariant(catalog: Catalog, model: ModelKey, variant: string): boolean {
  return knownModel(catalog, spelledAs(catalog, model))?.variants?.includes(variant) ?? true
}
