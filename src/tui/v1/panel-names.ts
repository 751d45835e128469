import type { Catalog } from "../../core/catalog.ts"
import { modelName } from "../../core/model-name.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import { readCatalog } from "../../opencode/v1/host/read-catalog.ts"
import { panelName } from "../panel-model.ts"

/**
 * @param providers what the terminal interface knows; the same list as long as nothing has changed
 */
export function createPanelNames(providers: () => readonly unknown[]): (model: ModelKey) => string {
  let known: { readonly of: readonly unknown[]; readonly catalog: Catalog } | undefined
  return (model) => {
    const now = providers()
    if (known?.of !== now) known = { of: now, catalog: readCatalog({ providers: now }) }
    return panelName(model, modelName(known.catalog, model))
  }
}
