import type { Catalog } from "../../core/catalog.ts"
import { field, text } from "../../core/json-object.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import { readCatalog, usableModels } from "../../opencode/v2/host/read-catalog.ts"

export type ListedModel = ReturnType<typeof listedModel>

export type ListedModels = { readonly catalog: Catalog; readonly models: readonly ListedModel[] }

/** What `init` and `doctor` look at beside the catalog; `undefined` where OpenCode does not say. */
export function listedModel(key: ModelKey, model: unknown) {
  return {
    key,
    family: text(model, "family") || undefined,
    status: text(model, "status") || undefined,
    /** The package that speaks to its provider. */
    npm: text(field(model, "api"), "npm") || undefined,
  }
}

/** Reads `GET /api/model` of OpenCode 2. */
export function readModelList(answer: unknown): ListedModels {
  const models = usableModels(answer).map(([key, model]) => listedModel(key, model))
  return { catalog: readCatalog(answer), models }
}
