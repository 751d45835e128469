import { modelLists } from "../../config/lint-settings.ts"
import type { Settings } from "../../config/schema.ts"
import type { Catalog, CatalogModel } from "../../core/catalog.ts"
import { type ModelKey, modelKey, modelRef, providerOf } from "../../core/model-ref.ts"
import { isAnyModelOf } from "../../core/same-model-elsewhere.ts"

const ableToAll: CatalogModel = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }

/**
 * A catalog in which everything that is named anywhere is connected.
 *
 * @param described what single models cannot do
 */
export function assumedCatalog(
  settings: Settings,
  further: readonly ModelKey[],
  described: Readonly<Record<ModelKey, Partial<CatalogModel>>> = {},
): Catalog {
  const named = [
    ...further,
    ...modelLists(settings).flatMap(([, list]) => list.map(({ model }) => model)),
    ...Object.values(settings.categories).flatMap(({ model }) => model ?? []),
  ]
  // Where a list says `provider/*`, that provider has what the turns run on.
  const elsewhere = named
    .filter(isAnyModelOf)
    .flatMap((any) =>
      named
        .filter((model) => !isAnyModelOf(model))
        .map((model) => modelKey({ providerID: providerOf(any), modelID: modelRef(model).modelID })),
    )
  const there = [...named.filter((model) => !isAnyModelOf(model)), ...elsewhere]
  return {
    known: true,
    providers: new Set(there.map(providerOf)),
    models: new Map(there.map((model) => [model, { ...ableToAll, ...described[model] }])),
  }
}
