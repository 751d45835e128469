import type { Catalog } from "../../core/catalog.ts"
import { readCatalog } from "../../opencode/v1/read-catalog.ts"
import { isObject } from "../../config/prune-invalid.ts"

/** What `init` ranks models by; `undefined` where OpenCode does not say. */
export type ListedModel = {
  readonly key: string
  readonly family: string | undefined
  readonly releaseDate: string | undefined
  readonly status: string | undefined
}

export type ListedModels = { readonly catalog: Catalog; readonly models: readonly ListedModel[] }

/**
 * Reads `opencode models --verbose` (1.14 to 1.18): each model's name on a line of its own, then its
 * description as JSON over several lines, of which only the last one is a lone closing bracket.
 */
export function readModelsOutput(output: string): ListedModels {
  const providers = new Map<string, Record<string, unknown>>()
  const models: ListedModel[] = []
  let key: string | undefined
  let json: string[] = []
  for (const line of output.split(/\r?\n/)) {
    if (json.length > 0 || line === "{") json.push(line)
    else if (/^[^\s/]+\/\S+$/.test(line)) {
      key = line
      add(providers, models, key, {})
    }
    if (line !== "}" || key === undefined) continue
    add(providers, models, key, parsed(json.join("\n")))
    key = undefined
    json = []
  }
  const answer = [...providers].map(([id, listed]) => ({ id, models: listed }))
  return { catalog: readCatalog({ providers: answer }), models }
}

function add(
  providers: Map<string, Record<string, unknown>>,
  models: ListedModel[],
  key: string,
  description: Readonly<Record<string, unknown>>,
): void {
  const slash = key.indexOf("/")
  const provider = key.slice(0, slash)
  const listed = providers.get(provider) ?? {}
  listed[key.slice(slash + 1)] = description
  providers.set(provider, listed)
  const text = (name: string): string | undefined => {
    const value = description[name]
    return typeof value === "string" && value !== "" ? value : undefined
  }
  const model = { key, family: text("family"), releaseDate: text("release_date"), status: text("status") }
  const known = models.findIndex((other) => other.key === key)
  if (known === -1) models.push(model)
  else models[known] = model
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : {}
  } catch {
    // A description in a new form: the model's name alone is still worth having.
    return {}
  }
}
