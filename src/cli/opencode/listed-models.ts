import type { Catalog } from "../../core/catalog.ts"
import { field, text } from "../../core/read-field.ts"
import { readCatalog } from "../../opencode/v1/read-catalog.ts"

/** What `init` ranks models by; `undefined` where OpenCode does not say. */
export type ListedModel = {
  readonly key: string
  readonly family: string | undefined
  readonly releaseDate: string | undefined
  readonly status: string | undefined
  /** The package that speaks to its provider. */
  readonly npm: string | undefined
}

export type ListedModels = { readonly catalog: Catalog; readonly models: readonly ListedModel[] }

/** A model's key, and what OpenCode says of it, in the words of version 1. */
export type DescribedModel = readonly [key: string, description: Readonly<Record<string, unknown>>]

export function listedModels(described: readonly DescribedModel[]): ListedModels {
  const providers = new Map<string, Record<string, unknown>>()
  for (const [key, description] of described) {
    const slash = key.indexOf("/")
    const listed = providers.get(key.slice(0, slash)) ?? {}
    listed[key.slice(slash + 1)] = description
    providers.set(key.slice(0, slash), listed)
  }
  const answer = [...providers].map(([id, models]) => ({ id, models }))
  return {
    catalog: readCatalog({ providers: answer }),
    models: described.map(([key, description]) => ({
      key,
      family: text(description, "family") || undefined,
      releaseDate: text(description, "release_date") || undefined,
      status: text(description, "status") || undefined,
      npm: text(field(description, "api"), "npm") || undefined,
    })),
  }
}
