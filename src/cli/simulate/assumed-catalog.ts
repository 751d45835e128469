import type { Settings } from "../../config/schema.ts"
import type { Catalog, CatalogModel } from "../../core/catalog.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"

const ableToAll: CatalogModel = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }

/**
 * A catalog in which everything that is named anywhere is connected.
 *
 * @param described what single models can do; `false`: the model is not there
 */
export function assumedCatalog(
  settings: Settings,
  further: readonly ModelKey[],
  described: ReadonlyMap<ModelKey, Partial<CatalogModel> | false> = new Map(),
): Catalog {
  const groups = [settings.agents, settings.categories, settings.models].flatMap((group) =>
    Object.values(group),
  )
  const named = [
    ...further,
    ...settings.fallback_models.map((entry) => entry.model),
    ...groups.flatMap(({ fallback_models }) => (fallback_models ?? []).map((entry) => entry.model)),
    ...Object.values(settings.categories).flatMap(({ model }) => model ?? []),
    ...described.keys(),
  ]
  const there = named.filter((model) => described.get(model) !== false)
  return {
    known: true,
    providers: new Set(there.map(providerOf)),
    models: new Map(there.map((model) => [model, { ...ableToAll, ...described.get(model) }])),
  }
}
