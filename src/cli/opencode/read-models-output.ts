import { asObject, parseJsonText } from "../../core/json-object.ts"
import { type ModelKey, modelRef, parseModelKey } from "../../core/model-ref.ts"
import { readCatalog } from "../../opencode/v1/host/read-catalog.ts"
import { listedModel, type ListedModels } from "./listed-models.ts"

type DescribedModel = readonly [key: ModelKey, description: object]

/**
 * Reads `opencode models --verbose` (1.18): each model's name on a line of its own, then its
 * description as JSON over several lines, of which only the last one is a lone closing bracket.
 *
 * @returns `"cut"` when the last description does not end, or is missing where all others have one
 */
export function readModelsOutput(output: string): ListedModels | "cut" {
  const described: DescribedModel[] = []
  let key: ModelKey | undefined
  let json: string[] = []
  const take = (description: DescribedModel[1]): void => {
    if (key !== undefined) described.push([key, description])
    key = undefined
    json = []
  }
  for (const line of output.split(/\r?\n/)) {
    if (json.length > 0 || line === "{") json.push(line)
    else if (/^[^\s/]+\/\S+$/.test(line)) {
      // An older version prints names alone.
      take({})
      key = parseModelKey(line)
    }
    // Of a description in a new form the model's name alone is still worth having.
    if (line === "}") take(asObject(parseJsonText(json.join("\n"))))
  }
  const isDescribed = described.some(([, description]) => Object.keys(description).length > 0)
  if (json.length > 0 || (key !== undefined && isDescribed)) return "cut"
  take({})
  return listed(described)
}

function listed(described: readonly DescribedModel[]): ListedModels {
  const providers = new Map<string, Record<string, unknown>>()
  for (const [key, description] of described) {
    const { providerID, modelID } = modelRef(key)
    const models = providers.get(providerID) ?? {}
    models[modelID] = description
    providers.set(providerID, models)
  }
  const answer = { providers: [...providers].map(([id, models]) => ({ id, models })) }
  return {
    catalog: readCatalog(answer),
    models: described.map(([key, description]) => listedModel(key, description)),
  }
}
