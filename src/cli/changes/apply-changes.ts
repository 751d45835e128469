import { CommandError } from "../command-error.ts"
import { exitCodes } from "../exit-code.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type FileChange, readIfThere, writeAll } from "./file-change.ts"
import { isConfirmed } from "./is-confirmed.ts"
import { forgetUndoRecord, saveUndoRecord } from "./undo-record.ts"

/**
 * Writes the changes once the person has agreed, all of them or none. What was there before is kept.
 *
 * @returns where it is kept; `undefined` when nothing was written
 */
export async function applyChanges(
  terminal: Terminal,
  changes: readonly FileChange[],
  options: { readonly yes: boolean; readonly json: boolean },
): Promise<string | undefined> {
  if (changes.length === 0 || !(await isConfirmed(terminal, options))) return undefined
  for (const { path, before } of changes)
    if ((await readIfThere(path)) !== before)
      throw new CommandError(`${path} has changed meanwhile. Run this again.`, exitCodes.unavailable)
  const record = await saveUndoRecord(terminal, changes)
  try {
    await writeAll(changes)
  } catch (error) {
    await forgetUndoRecord(record)
    throw error
  }
  return record
}
