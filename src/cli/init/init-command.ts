import { isAnyModelOf } from "../../core/same-model-elsewhere.ts"
import { applyChanges, finish } from "../changes/apply-changes.ts"
import { listAdvice } from "../installation/plugin-lists.ts"
import type { ExitCode } from "../terminal/command-error.ts"
import type { Colors, Terminal } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import { type InitOptions, makePlan, type Plan } from "./plan.ts"
import { undoCommand } from "./undo-command.ts"

export async function initCommand(terminal: Terminal, options: InitOptions): Promise<ExitCode> {
  if (options.undo) return undoCommand(terminal, options)
  const plan = await makePlan(terminal, options)
  if (!options.json) terminal.write(wrapped(drawPlan(plan, terminal.colors), terminal.columns))
  const applied = await applyChanges(terminal, plan.changes, options)
  return finish(terminal, applied, options, {
    done: "Written. Try it with `npx opencode-understudy test`.",
    nothing: "Nothing to change: the plugin is listed and the settings are there.",
    facts: {
      imported: plan.imports,
      proposed: plan.proposed,
      kept: plan.kept,
      otherPlugins: plan.others.map(({ entry, title }) => ({ spec: entry.spec, title })),
    },
  })
}

/** Why the changes are proposed, and what would not be imported. A blank line stands behind each part. */
function drawPlan(plan: Plan, colors: Colors): string {
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
      ({ known, entry, title, listedAt }) =>
        `${colors.yellow("Another plugin")} switches models, too: ${title} ("${entry.spec}"). ${
          known?.offSwitch === undefined
            ? `${listAdvice(listedAt, "Remove it with --remove-others.")}${known ? "" : " Its lists are not imported."}`
            : `Switch its fallback off: ${known.offSwitch}.`
        }`,
    ),
  ]
    .map((part) => `${part}\n\n`)
    .join("")
}

function proposalText({ proposed, silence, hasList }: Plan, colors: Colors): readonly string[] {
  if (proposed.length > 0)
    return [
      `${colors.bold("Proposed")} as the list for every agent, from what is connected: ${proposed.join(", ")}.\n` +
        (proposed.some(isAnyModelOf)
          ? '  "provider/*" is the model in use, at that provider; `npx opencode-understudy doctor` shows which one it is.\n'
          : "") +
        "  Look at it before you say yes: requests to these models may cost money.",
    ]
  if (silence === undefined || hasList) return []
  return [
    `No list is proposed, because it is not known which models are connected: ${silence}.\n` +
      '  Set "fallback_models": ["provider/model"] in understudy.jsonc yourself.',
  ]
}
