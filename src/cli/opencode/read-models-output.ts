import { asObject, parseJsonText } from "../../core/json-object.ts"
import { modelRef, parseModelKey } from "../../core/model-ref.ts"
import { readCatalog } from "../../opencode/v1/host/read-catalog.ts"
import { listedModel, type ListedModels } from "./listed-models.ts"

/** A model's name on a line of its own, then its description: only the last of its lines is a lone closing bracket. */
const describedModel = /^([^\s/]+\/\S+)\r?$(?:\n(\{\r?\n[^]*?^\})\r?$)?/gm

/**
 * Reads `opencode models --verbose` (1.18). Of a description in a new form the model's name alone is still worth having.
 *
 * @returns `"cut"` when the last description does not end, or is missing where others have one
 */
export function readModelsOutput(output: string): ListedModels | "cut" {
  const found = [...output.matchAll(describedModel)]
  if (found.at(-1)?.[2] === undefined && /^\{/m.test(output)) return "cut"
  const described = found.flatMap(([, name = "", json = ""]) => {
    const key = parseModelKey(name)
    return key === undefined ? [] : [{ key, ...modelRef(key), description: asObject(parseJsonText(json)) }]
  })
  const ids = [...new Set(described.map(({ providerID }) => providerID))]
  const providers = ids.map((id) => {
    const own = described.filter(({ providerID }) => providerID === id)
    return { id, models: Object.fromEntries(own.map(({ modelID, description }) => [modelID, description])) }
  })
  return {
    catalog: readCatalog({ providers }),
    models: described.map(({ key, description }) => listedModel(key, description)),
  }
}
