import { type FallbackEntry, type ModelKey, sameModel } from "../core/model-ref.ts"
import { keyForms, type Settings } from "./schema.ts"
import type { SettingsPath, SettingsProblem } from "./settings-problem.ts"

/** A problem whose place is not known yet. */
export type SettingsFinding = Omit<SettingsProblem, "source" | "path"> & { readonly path: SettingsPath }

/**
 * What is well formed and yet cannot be meant. Nothing is changed by it: the settings stay in force as they are.
 */
export function lintFindings(settings: Settings): readonly SettingsFinding[] {
  return [
    ...cycleFindings(settings),
    ...duplicateFindings(settings),
    ...categoryFindings(settings),
    ...cooldownFindings(settings),
    ...keyFindings(settings),
  ]
}

function cycleFindings(settings: Settings): readonly SettingsFinding[] {
  return linkCycles(settings.models).map((cycle) => ({
    code: "cycle",
    path: ["models", cycle[0] ?? "", "fallback_models"],
    found: cycle.length === 2 ? `a model that follows itself: ${cycle[0]}` : `a cycle: ${cycle.join(" -> ")}`,
    allowed: "Allowed: models that are not in the list yet.",
    effect: "The list ends where it would repeat.",
  }))
}

/**
 * The circles among the links from model to model, each once and as the whole path: `[a, b, a]`. Spelled in
 * capitals or not, a model is the same.
 */
function linkCycles(models: Settings["models"]): readonly (readonly string[])[] {
  const links = new Map(
    Object.entries(models).map(([model, { fallback_models }]) => [
      model.toLowerCase(),
      (fallback_models ?? []).map((entry): ModelKey => entry.model),
    ]),
  )
  const cycles: (readonly string[])[] = []
  const finished = new Set<string>()
  const way: string[] = []
  const visit = (model: string): void => {
    const key = model.toLowerCase()
    const seenAt = way.findIndex((earlier) => earlier.toLowerCase() === key)
    if (seenAt !== -1) cycles.push([...way.slice(seenAt), way[seenAt] ?? model])
    if (seenAt !== -1 || finished.has(key)) return
    way.push(model)
    for (const next of links.get(key) ?? []) visit(next)
    way.pop()
    finished.add(key)
  }
  for (const model of Object.keys(models)) visit(model)
  return cycles
}

function duplicateFindings(settings: Settings): readonly SettingsFinding[] {
  return modelLists(settings).flatMap(([path, list]) =>
    list
      .filter((entry, index) => list.findIndex((other) => sameModel(other.model, entry.model)) < index)
      .map((entry) => ({
        code: "duplicate" as const,
        path,
        found: `${entry.model} more than once`,
        allowed: "Allowed: each model once.",
        effect: "Only its first entry is used.",
      })),
  )
}

/** Every list of models in the settings, with its path. */
export function modelLists(
  settings: Settings,
): readonly (readonly [SettingsPath, readonly FallbackEntry[]])[] {
  const groups = (["agents", "categories", "models"] as const).flatMap((group) =>
    Object.entries(settings[group]).map(
      ([name, { fallback_models }]) => [[group, name, "fallback_models"], fallback_models ?? []] as const,
    ),
  )
  return [[["fallback_models"], settings.fallback_models], ...groups]
}

function categoryFindings({ agents, categories }: Settings): readonly SettingsFinding[] {
  const known = Object.keys(categories)
  const allowed =
    known.length === 0
      ? 'No category is configured: add it to "categories", or remove this key.'
      : `Allowed: ${known.join(", ")}.`
  return Object.entries(agents).flatMap(([name, { category }]) => {
    if (category === undefined || known.includes(category)) return []
    return {
      code: "doubtful-setting",
      path: ["agents", name, "category"],
      found: JSON.stringify(category),
      allowed,
      effect: "The agent is used as if it had no category.",
    }
  })
}

function cooldownFindings({
  runtime_fallback: { cooldown_seconds, max_cooldown_seconds },
}: Settings): readonly SettingsFinding[] {
  if (cooldown_seconds <= max_cooldown_seconds) return []
  return [
    {
      code: "doubtful-setting",
      path: ["runtime_fallback", "cooldown_seconds"],
      found: String(cooldown_seconds),
      allowed: `Allowed: at most max_cooldown_seconds (${max_cooldown_seconds}).`,
      effect: `Every cooldown lasts ${max_cooldown_seconds} seconds.`,
    },
  ]
}

function keyFindings({ providers }: Settings): readonly SettingsFinding[] {
  return Object.entries(providers).flatMap(([provider, { keys = [] }]) =>
    keys.flatMap((key, index) => {
      if (key !== "") return []
      return {
        code: "invalid-setting",
        path: ["providers", provider, "keys", index],
        found: "an entry that is no key",
        allowed: `Allowed: ${keyForms}`,
        effect: "This key is left out.",
      }
    }),
  )
}
