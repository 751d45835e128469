import { type Catalog, knownModel } from "../../core/catalog.ts"
import { asObject, field, isObject, type JsonObject } from "../../core/json-object.ts"
import { type ModelKey, modelKey, modelRef, providerOf } from "../../core/model-ref.ts"
import { isAnyModelOf } from "../../core/same-model-elsewhere.ts"
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

/** Of an entry of a list: where it says `provider/*`, the agent's own model is meant, at that provider. */
export function modelMeant(entry: ModelKey, own: ModelKey): ModelKey {
  const { modelID } = modelRef(own)
  return isAnyModelOf(entry) ? modelKey({ providerID: providerOf(entry), modelID }) : entry
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
  return knownModel(catalog, key)?.name ?? modelRef(key).modelID
}

function provider(id: string, baseURL: string, models: JsonObject): JsonObject {
  return { npm: "@ai-sdk/openai-compatible", name: id, options: { baseURL, apiKey: "simulated" }, models }
}

const mark = "-simulated"

/**
 * OpenCode treats providers that it knows by name in its own ways (protocol, login, region): a simulated one must
 * not have such a name.
 */
function simulatedProvider(provider: string): string {
  return provider + mark
}

export function simulatedModel(model: string): string {
  const slash = model.indexOf("/")
  return slash === -1 ? model : simulatedProvider(model.slice(0, slash)) + model.slice(slash)
}

/** The user's own names, in a text that speaks of the simulated ones. */
export function ownNames(text: string): string {
  return text.replaceAll(new RegExp(`${mark}(?=[/)]| does not )`, "g"), "")
}

/**
 * Settings in which every model and provider has its simulated name. What would act outside of the test is left
 * out: other keys of a provider, commands, a shared store; and what forbids models, of which none is there.
 */
export function simulatedSettings(settings: JsonObject, providers: readonly string[]): JsonObject {
  const known = new Set(providers)
  return {
    ...asObject(renamedIn(settings, known)),
    on_switch: undefined,
    allow_models: undefined,
    ignore_models: undefined,
    providers: Object.fromEntries(
      Object.entries(asObject(settings["providers"])).map(([id, rule]) => [
        known.has(id) ? simulatedProvider(id) : id,
        { allow_fallback: field(rule, "allow_fallback") },
      ]),
    ),
    // What is wrong with a pattern is told with the place where it stands, and not with one in the test's folder.
    runtime_fallback: {
      ...asObject(settings["runtime_fallback"]),
      store: "memory",
      notify_on_fallback: true,
      retry_on_patterns: [],
      // One failure is to be one switch, and not a wait or the same request again.
      patience_seconds: 0,
      same_model_retries: {},
    },
  }
}

function renamedIn(value: unknown, providers: ReadonlySet<string>): unknown {
  if (typeof value === "string") return renamed(value, providers)
  if (Array.isArray(value)) return value.map((item) => renamedIn(item, providers))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, below]) => below !== undefined)
      .map(([key, below]) => [renamed(key, providers), renamedIn(below, providers)]),
  )
}

function renamed(text: string, providers: ReadonlySet<string>): string {
  const slash = text.indexOf("/")
  return slash > 0 && providers.has(text.slice(0, slash)) ? simulatedModel(text) : text
}
