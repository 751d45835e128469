import type { Catalog } from "../core/catalog.ts"
import { modelName } from "../core/model-name.ts"
import { type ModelKey, modelRef } from "../core/model-ref.ts"
import { readCatalog } from "../opencode/v1/read-catalog.ts"

/**
 * Names for a narrow panel. Where OpenCode has no name for a model its id stands alone: what is cut there must be
 * the provider, not the model.
 *
 * @param providers what the terminal interface knows; the same list as long as nothing has changed
 */
export function createPanelNames(providers: () => readonly unknown[]): (model: ModelKey) => string {
  let known: { readonly of: readonly unknown[]; readonly catalog: Catalog } | undefined
  return (model) => {
    const now = providers()
    if (known?.of !== now) known = { of: now, catalog: readCatalog({ providers: now }) }
    const name = modelName(known.catalog, model)
    return name === model ? modelRef(model).modelID : name
  }
}
