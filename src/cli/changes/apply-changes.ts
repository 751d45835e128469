import { holdsSecret } from "../../config/short-value.ts"
import type { JsonObject } from "../../core/json-object.ts"
import type { PluginEntry } from "../opencode/plugin-entries.ts"
import { CommandError, type ExitCode, exitCodes } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { diffOf, drawDiff, type FileChange, readIfThere, writeAll } from "./file-change.ts"
import { forgetUndoRecord, saveUndoRecord } from "./undo-record.ts"

/**
 * Shows the changes, and writes them once the person has agreed: all of them or none. What was there before is kept.
 *
 * @returns where it is kept; `undefined` when nothing was written
 */
export async function applyChanges(
  terminal: Terminal,
  changes: readonly FileChange[],
  options: WriteOptions,
): Promise<string | undefined> {
  if (!options.json) showChanges(terminal, changes)
  if (changes.length === 0 || !(await isConfirmed(terminal, options))) return undefined
  for (const { path, before } of changes)
    if ((await readIfThere(path)) !== before)
      throw new CommandError(`${path} has changed in the meantime. Run this again.`)
  const record = await saveUndoRecord(terminal, changes)
  try {
    await writeAll(changes)
  } catch (error) {
    await forgetUndoRecord(record)
    throw error
  }
  return record
}

export function showChanges(
  { write, colors }: Pick<Terminal, "write" | "colors">,
  changes: readonly FileChange[],
): void {
  write(changes.map((change) => drawDiff(change, colors)).join("\n"))
}

export function exitCodeOf(changes: readonly FileChange[], record: string | undefined): ExitCode {
  return changes.length > 0 && record === undefined ? exitCodes.notWritten : exitCodes.fine
}

/** Undo would have to keep what stands in an entry that is taken out. */
export function refuseSecrets(entries: readonly PluginEntry[]): void {
  const holder = entries.find(({ options }) => holdsSecret(options))
  if (holder)
    throw new CommandError(
      `The options of ${holder.spec} may contain a key, and no copy of a key is kept. Remove that entry by hand; nothing was written.`,
    )
}

export type WriteOptions = { readonly yes?: boolean; readonly json?: boolean }

/** Without a person in front, only --yes writes. */
export async function isConfirmed(terminal: Terminal, options: WriteOptions): Promise<boolean> {
  if (options.yes) return true
  if (options.json) return false
  if (terminal.isInteractive) return terminal.confirm("\nWrite this?")
  terminal.note("This is not a terminal, so there is nobody to ask. Run it again with --yes to write.")
  return false
}

export function changesJson(changes: readonly FileChange[], record: string | undefined): JsonObject {
  return {
    changes: changes.map((change) => ({ path: change.path, action: actionOf(change), diff: diffOf(change) })),
    isWritten: record !== undefined,
    undoRecord: record,
  }
}

function actionOf({ before, after }: FileChange): "create" | "edit" | "delete" {
  if (before === undefined) return "create"
  return after === undefined ? "delete" : "edit"
}

/** What a command says once its changes are written, or are not. */
export function outcomeText(
  changes: readonly FileChange[],
  record: string | undefined,
  { done, nothing }: { readonly done: string; readonly nothing: string },
): string {
  if (changes.length === 0) return nothing
  if (record === undefined) return "Nothing was written."
  return `${done} Now ${restartHint}. \`npx opencode-understudy init --undo\` takes it back.`
}

/** What makes OpenCode read its settings anew: closing the window of version 2 leaves its service running. */
export const restartHint = "restart OpenCode (version 2: `opencode reload`)"
