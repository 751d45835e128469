import { asObject, field, isObject, type JsonObject } from "../../../core/json-object.ts"
import { ohMyOpenCodeSettings } from "../../installation/known-plugins.ts"
import { noEquivalent, type NotImported, type Translated, withoutEmpty } from "./imported-settings.ts"
import { translateModels } from "./translate-models.ts"
import { translateRuntime } from "./translate-runtime.ts"

/**
 * oh-my-opencode and its later name oh-my-openagent: `runtime_fallback`, and `fallback_models` and `category` on
 * agents and categories. Models of agents stay where they are, because that plugin goes on setting them.
 */
export function translateOhMyOpenCode(document: JsonObject): Translated {
  const settings = ohMyOpenCodeSettings(document)
  const translated = translateRuntime(asObject(settings["runtime_fallback"]), "runtime_fallback.")
  const notImported: NotImported[] = [...translated.notImported]
  // Whether an agent's first model was its own or a fallback is no longer told: it is no fallback for itself anyway.
  const agents = group(unified(settings["agents"], 0), "agents", ["category"], notImported)
  const categories = group(
    unified(settings["categories"], 1),
    "categories",
    ["model", "variant", "description", "prompt_append"],
    notImported,
  )
  return { settings: { ...translated.settings, ...withoutEmpty({ agents, categories }) }, notImported }
}

/**
 * Members as they were before 4.19.4 moved their settings into one file: it writes a model and its fallbacks as one
 * list, `models`, of which it then says that it does not know the key; and a variant as `reasoning` or behind a colon.
 *
 * @param own how many of the list are the member's own model
 */
function unified(members: unknown, own: 0 | 1): JsonObject {
  return Object.fromEntries(
    Object.entries(asObject(members)).map(([name, member]) => {
      if (!isObject(member) || !Array.isArray(member["models"])) return [name, member]
      const { models, ...others } = member
      const entries: readonly unknown[] = models.map(withVariant)
      const [first] = entries.slice(0, own)
      const model = isObject(first) ? first : { model: first }
      return [name, { ...others, ...(own === 1 && model), fallback_models: entries.slice(own) }]
    }),
  )
}

function withVariant(entry: unknown): unknown {
  if (typeof entry === "string") {
    const [, model, variant] = /^(.+):(minimal|low|medium|high|xhigh|max)$/.exec(entry) ?? []
    return model === undefined ? entry : { model, variant }
  }
  if (!isObject(entry)) return entry
  const { reasoning, ...others } = entry
  // "off" and "auto" are no variants of OpenCode.
  return reasoning === undefined || reasoning === "off" || reasoning === "auto"
    ? others
    : { ...others, variant: reasoning }
}

/** A model that an agent starts on is no fallback. */
const stillApplies = "it still applies there, as long as that plugin is loaded"

function group(
  value: unknown,
  name: string,
  keys: readonly string[],
  notImported: NotImported[],
): JsonObject {
  const taken: Record<string, JsonObject> = {}
  for (const [member, settings] of Object.entries(asObject(value))) {
    if (!isObject(settings) || settings["disable"] === true) continue
    const path = `${name}.${member}`
    const model = typeof settings["model"] === "string" ? settings["model"] : ""
    const provider = model.includes("/") ? model.slice(0, model.indexOf("/")) : undefined
    const written = settings["fallback_models"]
    const list = translateModels(written, `${path}.fallback_models`, notImported, provider)
    const own = keys.flatMap((key) => takeText(settings, key, path, notImported))
    for (const key of Object.keys(settings))
      if (![...keys, "fallback_models", "disable"].includes(key))
        notImported.push({ path: `${path}.${key}`, why: key === "model" ? stillApplies : noEquivalent })
    const entry = { ...Object.fromEntries(own), ...withoutEmpty({ fallback_models: list }) }
    if (Object.keys(entry).length > 0) taken[member] = entry
  }
  return taken
}

function takeText(
  settings: JsonObject,
  key: string,
  path: string,
  notImported: NotImported[],
): readonly (readonly [string, string])[] {
  const value = settings[key]
  if (typeof value !== "string" || value.trim() === "") return []
  const why = whyNotTaken(key, value)
  if (why === undefined) return [[key, value]]
  notImported.push({ path: `${path}.${key}`, why })
  return []
}

function whyNotTaken(key: string, value: string): string | undefined {
  if (key === "prompt_append" && value.startsWith("file://"))
    return `files are not read here (${noEquivalent}); write the text itself`
  return key === "model" && !value.includes("/") ? "it names no provider" : undefined
}

/** oh-my-opencode-slim: lists of models in the place of one, on agents and in the active preset. */
export function translateSlim(settings: JsonObject): Translated {
  const active = asObject(settings["presets"])[String(settings["preset"])]
  const members = { ...asObject(active), ...asObject(settings["agents"]) }
  const notImported: NotImported[] = []
  const agents: Record<string, JsonObject> = {}
  for (const [name, agent] of Object.entries(members)) {
    const models = field(agent, "model")
    if (!Array.isArray(models) || models.length < 2) continue
    const list = translateModels(models.slice(1), `agents.${name}.model`, notImported)
    if (list.length > 0) agents[name] = { fallback_models: list }
  }
  if (isObject(settings["fallback"])) notImported.push({ path: "fallback", why: noEquivalent })
  return { settings: withoutEmpty({ agents }), notImported }
}
