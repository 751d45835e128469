import { mergeSettings } from "../../../config/merge-settings.ts"
import { asObject, field, type JsonObject } from "../../../core/json-object.ts"
import { type NotImported, type Translated, withoutEmpty } from "./imported-settings.ts"
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
  const { "*": forAll, ...agents } = agentLists(settings["agents"], notImported)
  const written = settings["fallback_models"] ?? settings["fallbackModels"]
  const list = translateModels(written, "fallback_models", notImported)
  const models = mapped(settings["mappings"])
  const unavailable = settings["unavailable_models"]
  const ignore_models = translateModels(unavailable, "unavailable_models", notImported)
  const lists = { ...(list.length > 0 ? { fallback_models: list } : forAll), agents, models, ignore_models }
  return {
    notImported,
    settings: { ...mergeSettings(fromDefaults.settings, runtime.settings), ...withoutEmpty(lists) },
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

function agentLists(value: unknown, notImported: NotImported[]): Readonly<Record<string, JsonObject>> {
  const lists = Object.entries(asObject(value)).flatMap(([name, agent]) => {
    const models = field(agent, "fallbackModels") ?? field(agent, "fallback_models")
    const list = translateModels(models, `agents.${name}.fallbackModels`, notImported)
    return list.length > 0 ? [[name, { fallback_models: list }] as const] : []
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
