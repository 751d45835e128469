import { reasonOf } from "../../config/reason-of.ts"
import { CommandError } from "../command-error.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import { writeJson } from "../terminal/json.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { drawPlan } from "./draw-plan.ts"
import { diffOf, type FileChange, readIfThere, writeChange } from "./file-change.ts"
import { isConfirmed } from "./is-confirmed.ts"
import { type InitOptions, makePlan, type Plan } from "./plan.ts"
import { undoCommand } from "./undo-command.ts"
import { saveUndoRecord } from "./undo-record.ts"

/** `understudy init`: shows what it would write, asks, keeps what was there, writes. */
export async function initCommand(terminal: Terminal, options: InitOptions): Promise<ExitCode> {
  if (options.undo) return undoCommand(terminal, options)
  const plan = await makePlan(terminal, options)
  if (!options.json) terminal.write(drawPlan(plan, terminal.colors))
  const isWanted = plan.changes.length > 0 && (await isConfirmed(terminal, options))
  const record = isWanted ? await write(terminal, plan.changes) : undefined
  if (options.json) writeJson(terminal, planJson(plan, record))
  else if (record !== undefined) {
    terminal.write(`\nWritten. Restart OpenCode, then run \`understudy doctor\`.\n`)
    terminal.write(`\`understudy init --undo\` takes it back.\n`)
  } else if (plan.changes.length > 0) terminal.write("\nNothing was written.\n")
  return exitCodes.fine
}

async function write(terminal: Terminal, changes: readonly FileChange[]): Promise<string> {
  for (const { path, before } of changes)
    if ((await readIfThere(path)) !== before)
      throw new CommandError(`${path} has changed meanwhile. Run init again.`, exitCodes.unavailable)
  const done: FileChange[] = []
  try {
    const record = await saveUndoRecord(terminal, changes)
    for (const change of changes) {
      await writeChange(change)
      done.push(change)
    }
    return record
  } catch (error) {
    for (const { path, before } of done) await writeChange({ path, after: before })
    throw new CommandError(
      `A file could not be written (${reasonOf(error)}); all is as before.`,
      exitCodes.unavailable,
    )
  }
}

function planJson(plan: Plan, record: string | undefined): Readonly<Record<string, unknown>> {
  return {
    changes: plan.changes.map((change) => ({
      path: change.path,
      action: change.before === undefined ? "create" : "edit",
      diff: diffOf(change),
    })),
    takenOver: plan.takeovers,
    proposed: plan.proposed,
    kept: plan.kept,
    otherPlugins: plan.others.map(({ entry, known }) => ({ spec: entry.spec, title: known.title })),
    isWritten: record !== undefined,
    undoRecord: record ?? null,
  }
}
