import { type Fault, valueAt } from "./prune-invalid.ts"
import type { Settings } from "./schema.ts"
import { pathText } from "./settings-problem.ts"
import type { ProblemSource, SettingsProblem } from "./settings-problem.ts"
import { shortValue } from "./short-value.ts"

/** @param settings what came out in the end: only then is it known what is in force instead. */
export function problemOfFault(fault: Fault, source: ProblemSource, settings: Settings): SettingsProblem {
  // On an agent the user wrote `agent.build`, as OpenCode has it; in our files it is `agents.build`.
  const shownPath = source.from === "agent" ? ["agent", ...fault.path.slice(1)] : fault.path
  return {
    source,
    path: pathText(shownPath),
    found: fault.isKey ? "a key that is not known here" : shortValue(fault.found, fault.path),
    allowed: fault.allowed,
    effect: effectText(fault, settings),
  }
}

function effectText(fault: Fault, settings: Settings): string {
  if (fault.path.length === 0) return "All of it is ignored."
  if (fault.isKey) return "It is ignored, the rest stays in force."
  const last = fault.path.at(-1)
  const isInEntry = typeof fault.path.at(-2) === "number"
  if (typeof last === "number" || (isInEntry && last === "model"))
    return "This entry is left out, the others stay."
  if (isInEntry) return "It is left out, the rest of the entry stays."
  const inForce = valueAt(settings, fault.path)
  if (inForce === undefined || typeof inForce === "object") return effectOfGroup(inForce)
  return `${shortValue(inForce, fault.path)} is used instead.`
}

function effectOfGroup(inForce: unknown): string {
  const isPlainList = Array.isArray(inForce) && inForce.every((item) => typeof item !== "object")
  return isPlainList && inForce.length > 0 ? `${inForce.join(", ")} is used instead.` : "It is left out."
}
