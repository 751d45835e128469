import type { JsonObject } from "../../core/json-object.ts"
import type { Catalog } from "../../core/catalog.ts"
import { type ModelKey, modelRef } from "../../core/model-ref.ts"
import { simulatedModel, simulatedProvider } from "./simulated-names.ts"
import type { SimulatedProviders } from "./simulated-providers.ts"

/** What the title and anything else beside the turn is asked of. */
const sideModel: ModelKey = "understudy-test/side"

/**
 * OpenCode's configuration for one turn of an agent on simulated providers.
 *
 * @param models the user's own: the first is the agent's, the others may take over
 * @param catalog for their names
 */
export function simulatedConfig(
  agent: string,
  models: readonly [ModelKey, ...ModelKey[]],
  catalog: Catalog,
  { address }: Pick<SimulatedProviders, "address">,
): JsonObject {
  const model = simulatedModel(models[0])
  const side = modelRef(sideModel).providerID
  const ids = [side, ...new Set(models.map((key) => simulatedProvider(modelRef(key).providerID)))]
  return {
    $schema: "https://opencode.ai/config.json",
    enabled_providers: ids,
    provider: Object.fromEntries(
      ids.map((id) => [id, provider(id, address(id), modelsOf(id, models, catalog))]),
    ),
    model,
    small_model: sideModel,
    share: "disabled",
    autoupdate: false,
    snapshot: false,
    agent: { [agent]: { mode: "primary", model, description: "understudy test" } },
  }
}

function modelsOf(id: string, models: readonly ModelKey[], catalog: Catalog): JsonObject {
  const own = [sideModel, ...models].map((key) => ({ key, ...modelRef(key) }))
  const here = own.filter(
    ({ key, providerID }) => (key === sideModel ? providerID : simulatedProvider(providerID)) === id,
  )
  return Object.fromEntries(
    here.map(({ key, modelID }) => [modelID, { name: nameOf(key, catalog), tool_call: true }]),
  )
}

function nameOf(key: ModelKey, catalog: Catalog): string {
  return (catalog.known ? catalog.models.get(key)?.name : undefined) ?? modelRef(key).modelID
}

function provider(id: string, baseURL: string, models: JsonObject): JsonObject {
  return { npm: "@ai-sdk/openai-compatible", name: id, options: { baseURL, apiKey: "simulated" }, models }
}
