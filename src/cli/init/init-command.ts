import { applyChanges, changesJson, exitCodeOf, restartHint } from "../changes/apply-changes.ts"
import type { ExitCode } from "../exit-code.ts"
import { writeJson } from "../terminal/json.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { drawPlan } from "./draw-plan.ts"
import { type InitOptions, makePlan, type Plan } from "./plan.ts"
import { undoCommand } from "./undo-command.ts"
import type { JsonObject } from "../../core/json-object.ts"

export async function initCommand(terminal: Terminal, options: InitOptions): Promise<ExitCode> {
  if (options.undo) return undoCommand(terminal, options)
  const plan = await makePlan(terminal, options)
  if (!options.json) terminal.write(drawPlan(plan, terminal.colors))
  const record = await applyChanges(terminal, plan.changes, options)
  if (options.json) writeJson(terminal, planJson(plan, record))
  else if (record !== undefined) {
    terminal.write(`\nWritten. Try it with \`npx opencode-understudy test\`, then ${restartHint}.\n`)
    terminal.write(`\`npx opencode-understudy init --undo\` takes it back.\n`)
  } else if (plan.changes.length > 0) terminal.write("\nNothing was written.\n")
  return exitCodeOf(plan.changes, record)
}

function planJson(plan: Plan, record: string | undefined): JsonObject {
  return {
    ...changesJson(plan.changes, record),
    imported: plan.imports,
    proposed: plan.proposed,
    kept: plan.kept,
    otherPlugins: plan.others.map(({ entry, known }) => ({ spec: entry.spec, title: known.title })),
  }
}
