import { type Catalog, type CatalogModel, knownModel } from "./catalog.ts"
import { type ModelKey, providerOf } from "./model-ref.ts"

/** OpenCode's list marks an id without a date in this way: to people it is the same model. */
const latest = / \(latest\)$/

/**
 * A model by the name that OpenCode shows, such as "Claude Opus 4.5". The provider follows in brackets where
 * another connected provider has a model of the same name; a model that the catalog does not know keeps its key.
 *
 * @example modelName(catalog, "amazon-bedrock/anthropic.claude-opus-4-5") // "Claude Opus 4.5 (amazon-bedrock)"
 */
export function modelName(catalog: Catalog, key: ModelKey): string {
  const name = plainName(knownModel(catalog, key))
  if (!catalog.known || name === undefined) return key
  for (const [other, model] of catalog.models)
    // A provider that lists one model twice, with a date and without, is one and the same.
    if (plainName(model) === name && providerOf(other) !== providerOf(key))
      return `${name} (${providerOf(key)})`
  return name
}

/** Its name alone; `undefined` when OpenCode has none for it. */
export function plainName(model: CatalogModel | undefined): string | undefined {
  return model?.name?.replace(latest, "")
}
