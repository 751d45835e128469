import { isAnyModelOf } from "../../core/same-model-elsewhere.ts"
import type { Colors } from "../terminal/terminal.ts"
import type { Plan } from "./plan.ts"

/** Why the changes are proposed, and what would not be imported. A blank line stands behind each part. */
export function drawPlan(plan: Plan, colors: Colors): string {
  return [
    ...plan.imports.map(({ title, from, notImported }) =>
      [
        `${colors.bold("Imported")} from ${title} (${from})`,
        ...notImported.map(({ path, why }) => `  ${colors.yellow("not imported")} ${path}: ${why}`),
      ].join("\n"),
    ),
    ...(plan.kept.length === 0 ? [] : [`Kept as you have it: ${plan.kept.join(", ")}`]),
    ...proposalText(plan, colors),
    ...plan.others.map(
      ({ known, entry }) =>
        `${colors.yellow("Another plugin")} switches models, too: ${known.title} ("${entry.spec}"). ${
          known.offSwitch === undefined
            ? "Remove it with --remove-others."
            : `Switch its fallback off: ${known.offSwitch}.`
        }`,
    ),
    ...(plan.changes.length === 0
      ? ["Nothing to change: the plugin is listed and the settings are there."]
      : []),
  ]
    .map((part) => `${part}\n\n`)
    .join("")
}

function proposalText({ proposed, hasModels, imports }: Plan, colors: Colors): readonly string[] {
  if (proposed.length > 0)
    return [
      `${colors.bold("Proposed")} as the chain for every agent, from what is connected: ${proposed.join(", ")}.\n` +
        (proposed.some(isAnyModelOf)
          ? '  "provider/*" is the model in use, at that provider; `npx opencode-understudy doctor` shows which one it is.\n'
          : "") +
        "  Look at it before you say yes: requests to these models may cost money.",
    ]
  if (hasModels || imports.length > 0) return []
  return [
    "No chain is proposed, because OpenCode was not asked or did not say which models are connected.\n" +
      '  Set "fallback_models": ["provider/model"] in understudy.jsonc yourself.',
  ]
}
