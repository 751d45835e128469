import type { Catalog, CatalogModel } from "../../src/core/catalog.ts"
import { type ModelKey, providerOf } from "../../src/core/model-ref.ts"

const able: CatalogModel = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }

/** Models that can do everything, but for what is said of them. */
export function catalogOf(
  models: Readonly<Record<ModelKey, Partial<CatalogModel>>>,
): Extract<Catalog, { known: true }> {
  const entries = Object.entries(models).map(
    ([key, abilities]) => [key as ModelKey, { ...able, ...abilities }] as const,
  )
  return {
    known: true,
    providers: new Set(entries.map(([key]) => providerOf(key))),
    models: new Map(entries),
  }
}

/** These models, which can do everything. */
export function catalogWith(...models: readonly ModelKey[]): Extract<Catalog, { known: true }> {
  return catalogOf(Object.fromEntries(models.map((model) => [model, {}])))
}
