import { changesJson, isConfirmed, restartHint, showChanges } from "../changes/apply-changes.ts"
import { type FileChange, readIfThere, writeAll } from "../changes/file-change.ts"
import { forgetUndoRecord, lastUndoRecord, textBefore, type UndoRecord } from "../changes/undo-record.ts"
import { CommandError, type ExitCode, exitCodes } from "../terminal/command-error.ts"
import { type Terminal, writeJson } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import type { InitOptions } from "./plan.ts"

export async function undoCommand(terminal: Terminal, options: InitOptions): Promise<ExitCode> {
  const record = await lastUndoRecord(terminal)
  if (record === undefined)
    throw new CommandError("Nothing to undo: no init, update or remove is on record in this home folder.")
  const changes = await changesBack(record)
  if (!options.json) showChanges(terminal, changes)
  // Two commands that ran at once, say: what the other one did has been taken back.
  const isWanted = changes.length === 0 || (await isConfirmed(terminal, options))
  if (isWanted) {
    await writeAll(changes)
    await forgetUndoRecord(record.file)
  }
  if (options.json)
    writeJson(terminal, { ...changesJson({ changes, left: [], record: undefined }), isWritten: isWanted })
  else
    terminal.write(
      isWanted
        ? wrapped(`\nEverything is as it was. Now ${restartHint}.\n`, terminal.columns)
        : "\nNothing was written.\n",
    )
  return isWanted ? exitCodes.fine : exitCodes.notWritten
}

/** What somebody wrote since then must not be lost. */
async function changesBack({ files, file }: UndoRecord): Promise<readonly FileChange[]> {
  const changes: FileChange[] = []
  for (const recorded of files) {
    const now = await readIfThere(recorded.path)
    const before = textBefore(recorded, now)
    if (before === undefined)
      throw new CommandError(
        `${recorded.path} has been changed since: nothing was undone. Undo it by hand; what was added and removed is recorded in ${file}.`,
      )
    if (before.text !== now) changes.push({ path: recorded.path, before: now, after: before.text })
  }
  return changes
}
