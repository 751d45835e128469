import type { Catalog } from "../../core/catalog.ts"
import { asObject, parseJsonText } from "../../core/json-object.ts"
import { modelRef, parseModelKey } from "../../core/model-ref.ts"
import { readCatalog } from "../../opencode/v1/host/read-catalog.ts"

/** A model's name on a line of its own, then its description: only the last of its lines is a lone closing bracket. */
const describedModel = /^([^\s/]+\/\S+)\r?$(?:\n(\{\r?\n[^]*?^\})\r?$)?/gm

/**
 * Reads `opencode models --verbose` (1.18). Of a description in a new form the model's name alone is still worth having.
 *
 * @param compaction what OpenCode's configuration says of it
 * @returns `"cut"` when the last description does not end, or is missing where others have one
 */
export function readModelsOutput(output: string, compaction?: unknown): Catalog | "cut" {
  const found = [...output.matchAll(describedModel)]
  if (found.at(-1)?.[2] === undefined && /^\{/m.test(output)) return "cut"
  const providers = new Map<string, Record<string, unknown>>()
  for (const [, name = "", json = ""] of found) {
    const key = parseModelKey(name)
    if (key === undefined) continue
    const { providerID, modelID } = modelRef(key)
    const models = providers.get(providerID) ?? {}
    models[modelID] = asObject(parseJsonText(json))
    providers.set(providerID, models)
  }
  return readCatalog({ providers: [...providers].map(([id, models]) => ({ id, models })) }, compaction)
}
