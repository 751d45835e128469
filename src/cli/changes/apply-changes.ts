import { contentVariable } from "../../config/settings-places.ts"
import { holdsSecret } from "../../config/short-value.ts"
import type { JsonObject } from "../../core/json-object.ts"
import type { PluginEntry } from "../opencode/plugin-entries.ts"
import { CommandError, type ExitCode, exitCodes } from "../terminal/command-error.ts"
import { type Terminal, writeJson } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import { diffOf, drawDiff, type FileChange, readIfThere, writeAll } from "./file-change.ts"
import { forgetUndoRecord, saveUndoRecord } from "./undo-record.ts"

/** Changes that were shown, and `left`, what is for the person to do; `record` of what was there before: they are written. */
type Applied = {
  readonly changes: readonly FileChange[]
  readonly left: readonly string[]
  readonly record: string | undefined
}

export const byHand = `Change ${contentVariable} yourself: no command can write there.`

/**
 * Shows the changes, and writes them once the person has agreed: all of them or none.
 *
 * @param above what is for the person to do beside them
 */
export async function applyChanges(
  terminal: Terminal,
  all: readonly FileChange[],
  options: WriteOptions,
  above: readonly string[] = [],
): Promise<Applied> {
  const wanted = all.filter(({ before, after }) => before !== after)
  const changes = wanted.filter(({ path }) => path !== contentVariable)
  const left = [...(wanted.length === changes.length ? [] : [byHand]), ...above]
  if (!options.json) showChanges(terminal, changes)
  if (changes.length === 0 || !(await isConfirmed(terminal, options)))
    return { changes, left, record: undefined }
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
  return { changes, left, record }
}

export function showChanges(
  { write, colors }: Pick<Terminal, "write" | "colors">,
  changes: readonly FileChange[],
): void {
  write(changes.map((change) => drawDiff(change, colors)).join("\n"))
}

/** Whether everything is as it was asked for; what there was to write may have been refused. */
export function isDone({ changes, record }: Applied): boolean {
  return changes.length === 0 || record !== undefined
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

export function changesJson({ changes, left, record }: Applied): JsonObject {
  return {
    changes: changes.map((change) => ({ path: change.path, action: actionOf(change), diff: diffOf(change) })),
    left,
    isWritten: record !== undefined,
    undoRecord: record,
  }
}

function actionOf({ before, after }: FileChange): "create" | "edit" | "delete" {
  if (before === undefined) return "create"
  return after === undefined ? "delete" : "edit"
}

type Ending = {
  /** What to say once the changes are written. */
  readonly done: string
  /** What to say where there are none. */
  readonly nothing: string
  /** Further lines. */
  readonly more?: readonly string[]
  /** What programs are told beside the changes. */
  readonly facts: JsonObject
}

/** What a command says at its end. */
export function finish(
  terminal: Terminal,
  applied: Applied,
  { json }: WriteOptions,
  { more = [], facts, ...ending }: Ending,
): ExitCode {
  const lines = ["", outcome(applied, ending), ...applied.left, ...more, ""]
  if (json) writeJson(terminal, { ...changesJson(applied), ...facts })
  else terminal.write(wrapped(lines.join("\n"), terminal.columns))
  return isDone(applied) ? exitCodes.fine : exitCodes.notWritten
}

function outcome({ changes, record }: Applied, { done, nothing }: Pick<Ending, "done" | "nothing">): string {
  if (changes.length === 0) return nothing
  if (record === undefined) return "Nothing was written."
  return `${done} Now ${restartHint}. \`npx opencode-understudy init --undo\` takes it back.`
}

/** What makes OpenCode read its settings anew: closing the window of version 2 leaves its service running. */
export const restartHint = "restart OpenCode (version 2: `opencode reload`)"
