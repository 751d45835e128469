import { mergeSettings } from "../../../config/merge-settings.ts"
import { asObject, type JsonObject } from "../../../core/json-object.ts"
import { field } from "../../../core/read-field.ts"
import type { NotImported, Translated } from "./imported-settings.ts"
import { translateModels } from "./translate-models.ts"
import { translateRuntime } from "./translate-runtime.ts"

/**
 * The plugins that do nothing but fall back. Their settings differ only in names: a global list
 * (`fallback_models`, `fallbackModels`), lists per agent (`agents.X.fallbackModels`, `*` for all), one fallback per
 * model (`mappings`), and what belongs into `runtime_fallback`.
 */
export function translateFallbackPlugin(settings: JsonObject): Translated {
  const runtime = translateRuntime(settings, "", readHere)
  const fromDefaults = translateRuntime(asObject(settings["defaults"]), "defaults.", [])
  const notImported: NotImported[] = [...runtime.notImported, ...fromDefaults.notImported]
  const agents = agentLists(settings["agents"], notImported)
  const { "*": forAll, ...named } = agents
  const list = translateModels(settings["fallback_models"] ?? settings["fallbackModels"], "fallback_models")
  const unavailable = translateModels(settings["unavailable_models"], "unavailable_models")
  notImported.push(...list.notImported, ...unavailable.notImported)
  const global = list.models.length > 0 ? list.models : (forAll ?? [])
  const models = mapped(settings["mappings"])
  const runtimeSettings = mergeSettings(fromDefaults.settings, runtime.settings)
  return {
    notImported,
    settings: {
      ...runtimeSettings,
      ...(global.length > 0 && { fallback_models: global }),
      ...(Object.keys(named).length > 0 && {
        agents: Object.fromEntries(
          Object.entries(named).map(([name, fallbacks]) => [name, { fallback_models: fallbacks }]),
        ),
      }),
      ...(Object.keys(models).length > 0 && { models }),
      ...(unavailable.models.length > 0 && { ignore_models: unavailable.models }),
    },
  }
}

const readHere = [
  "fallback_models",
  "fallbackModels",
  "agents",
  "defaults",
  "mappings",
  "unavailable_models",
  "$schema",
]

function agentLists(
  value: unknown,
  notImported: NotImported[],
): Readonly<Record<string, readonly (string | JsonObject)[]>> {
  const lists = Object.entries(asObject(value)).flatMap(([name, agent]) => {
    const models = field(agent, "fallbackModels") ?? field(agent, "fallback_models")
    const list = translateModels(models, `agents.${name}.fallbackModels`)
    notImported.push(...list.notImported)
    return list.models.length > 0 ? [[name, list.models] as const] : []
  })
  return Object.fromEntries(lists)
}

function mapped(value: unknown): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    Object.entries(asObject(value)).flatMap(([from, to]) =>
      typeof to === "string" ? [[from, { fallback_models: [to] }]] : [],
    ),
  )
}
