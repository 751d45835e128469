import type { Catalog } from "../../core/catalog.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import { field, text } from "../../core/read-field.ts"
import { readCatalog, usableModels } from "../../opencode/v2/read-catalog.ts"

/** What `init` and `doctor` look at beside the catalog; `undefined` where OpenCode does not say. */
export type ListedModel = {
  readonly key: ModelKey
  readonly family: string | undefined
  readonly status: string | undefined
  /** The package that speaks to its provider. */
  readonly npm: string | undefined
}

export type ListedModels = { readonly catalog: Catalog; readonly models: readonly ListedModel[] }

export function listedModel(key: ModelKey, model: unknown): ListedModel {
  return {
    key,
    family: text(model, "family") || undefined,
    status: text(model, "status") || undefined,
    npm: text(field(model, "api"), "npm") || undefined,
  }
}

/** Reads `GET /api/model` of OpenCode 2. */
export function readModelList(answer: unknown): ListedModels {
  const models = usableModels(answer).map(([key, model]) => listedModel(key, model))
  return { catalog: readCatalog(answer), models }
}
