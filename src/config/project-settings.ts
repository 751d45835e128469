import { asObject, isObject, type JsonObject, ownValue } from "../core/json-object.ts"
import { type Fault, mostFaults, valueAt, withoutPaths } from "./prune-invalid.ts"
import type { SettingsPath } from "./settings-problem.ts"

/**
 * What a project's own file may say: which of the user's models stand in. Everything else (when to fall back,
 * how long a model cools down, what is shown, where health is kept) is the user's: the file came with a repository
 * that somebody else wrote, and health is shared with the user's other projects. A key that is not named here
 * is refused.
 */
const choices: Readonly<Record<string, "whole" | readonly string[]>> = {
  $schema: "whole",
  fallback_models: "whole",
  agents: ["fallback_models", "category"],
  categories: ["description", "model", "fallback_models", "variant", "prompt_append"],
  models: ["fallback_models"],
}

/** Keys, at the top level and of a provider, that a project may only add to: it can forbid, and never allow. */
const prohibitions = ["allow_models", "ignore_models"]

type Standing = "choice" | "prohibition" | "refused"

/**
 * @param valid a project's file as far as the schema accepts it
 * @param userFile where what is refused belongs instead
 */
export function projectSettings(valid: JsonObject, userFile: string) {
  const paths = settingPaths(valid)
  const standings = new Map(paths.map((path) => [path, standingOf(path, valueAt(valid, path))]))
  const only = (wanted: Standing): JsonObject => {
    const others = paths.filter((path) => standings.get(path) !== wanted)
    return asObject(withoutPaths(valid, others))
  }
  const refused = paths.filter((path) => standings.get(path) === "refused")
  return {
    choices: only("choice"),
    prohibitions: only("prohibition"),
    refused: refused.slice(0, mostFaults).map((path): Fault => ({
      path,
      found: valueAt(valid, path),
      allowed: `A project's own file may choose models and forbid some. Put this into ${userFile} or the plugin's options.`,
      what: "refused",
    })),
  }
}

/** Each setting: a key of the top level, or of one agent, category, model or provider. */
function settingPaths(valid: JsonObject): readonly SettingsPath[] {
  return Object.entries(valid).flatMap(([group, members]): readonly SettingsPath[] => {
    if (!isGroup(group) || !isObject(members)) return [[group]]
    return Object.entries(members).flatMap(([name, member]) =>
      isObject(member) ? Object.keys(member).map((key) => [group, name, key]) : [],
    )
  })
}

function isGroup(key: string): boolean {
  return key === "providers" || (Object.hasOwn(choices, key) && choices[key] !== "whole")
}

function standingOf([group = "", , key]: SettingsPath, value: unknown): Standing {
  if (key === undefined && prohibitions.includes(String(group))) return "prohibition"
  if (group === "providers") {
    const forbids = prohibitions.includes(String(key)) || (key === "allow_fallback" && value === false)
    return forbids ? "prohibition" : "refused"
  }
  const allowed = ownValue(choices, String(group))
  if (allowed === undefined) return "refused"
  return allowed === "whole" || allowed.includes(String(key)) ? "choice" : "refused"
}
