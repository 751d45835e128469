import type { JsonObject } from "../core/json-object.ts"
import { allowList, type Fault, valueAt } from "./prune-invalid.ts"
import type { Settings } from "./schema.ts"
import {
  pathText,
  type ProblemCode,
  type ProblemSource,
  type SettingsPath,
  type SettingsProblem,
} from "./settings-problem.ts"
import { isSecretPath, shortValue } from "./short-value.ts"

/**
 * @param valid what is left of the fault's source.
 * @param settings what came out in the end: only then is it known what is in force instead.
 */
export function problemOfFault(
  fault: Fault,
  source: ProblemSource,
  valid: JsonObject,
  settings: Settings,
): SettingsProblem {
  // On an agent the user wrote `agent.build`, as OpenCode has it; in our files it is `agents.build`.
  const shownPath = source.from === "agent" ? ["agent", ...fault.path.slice(1)] : fault.path
  return {
    code: codeOf(fault),
    source,
    path: pathText(shownPath),
    found: fault.what === "key" ? "an unknown key" : shortValue(fault.found, fault.path),
    allowed: fault.allowed,
    effect: effectText(fault, valid, settings),
  }
}

function codeOf({ what, path }: Fault): ProblemCode {
  if (what === "key") return "key-does-nothing"
  if (what === "refused") return "not-for-projects"
  return path.length === 0 ? "unreadable-file" : "invalid-setting"
}

function effectText(fault: Fault, valid: JsonObject, settings: Settings): string {
  if (fault.path.length === 0) return "All of it is ignored."
  if (fault.what !== "value") return "It is ignored, the rest stays in force."
  const allowed = valueAt(valid, allowList(fault.path) ?? [])
  if (Array.isArray(allowed) && allowed.length === 0) return "It allows no model until it is right."
  const position = fault.path.findLastIndex((step) => typeof step === "number")
  if (position === -1) return inForceText(fault.path, settings)
  const listPath = fault.path.slice(0, position)
  if (valueAt(valid, listPath) === undefined)
    return `${fault.path[0] === "on_switch" ? "" : "No entry of the list is left. "}${inForceText(listPath, settings)}`
  const isWholeEntry = position === fault.path.length - 1 || fault.path.at(-1) === "model"
  return isWholeEntry
    ? "This entry is left out, the others stay."
    : "It is left out, the rest of the entry stays."
}

function inForceText(path: SettingsPath, settings: Settings): string {
  const inForce = valueAt(settings, path)
  if (inForce === undefined || typeof inForce === "object")
    return isSecretPath(path) ? "It is left out." : effectOfGroup(inForce)
  return `${shortValue(inForce, path)} is used instead.`
}

function effectOfGroup(inForce: unknown): string {
  const isPlainList = Array.isArray(inForce) && inForce.every((item) => typeof item !== "object")
  if (!isPlainList || inForce.length === 0) return "It is left out."
  return `${inForce.join(", ")} ${inForce.length === 1 ? "is" : "are"} used instead.`
}
