import { CommandError } from "../command-error.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { drawDiff, type FileChange, readIfThere, writeAll } from "./file-change.ts"
import { isConfirmed, type WriteOptions } from "./is-confirmed.ts"
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
