import { diffChars } from "diff"
import { createHash } from "node:crypto"
import { chmod, mkdir, readdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import * as z from "zod/mini"
import { reasonOf } from "../../config/reason-of.ts"
import { parseJsonText } from "../../core/json-object.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import { CommandError } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type FileChange, writeChange } from "./file-change.ts"

/** Characters to go over, or a text to take out or to put in, on the way back from the new text to the old one. */
const editSchema = z.union([
  z.strictObject({ keep: z.number() }),
  z.strictObject({ remove: z.string() }),
  z.strictObject({ insert: z.string() }),
])

const recordSchema = z.strictObject({
  at: z.string(),
  files: z.array(
    z.strictObject({
      path: z.string(),
      /** SHA-256 of the text before and after; `null` where there was no file. */
      before: z.nullable(z.string()),
      after: z.nullable(z.string()),
      edits: z.array(editSchema),
    }),
  ),
})

type Edit = z.infer<typeof editSchema>
type Recorded = z.infer<typeof recordSchema>["files"][number]

export type UndoRecord = z.infer<typeof recordSchema> & { readonly file: string }

function folderOf(terminal: Terminal): string {
  return join(stateDirectory(terminal), "init")
}

/**
 * Keeps what is needed to take a change back, before anything is written: what was put in and taken out, and
 * nothing of the text around it: configuration may hold keys.
 *
 * @returns where
 * @throws CommandError when it cannot be kept
 */
export async function saveUndoRecord(terminal: Terminal, changes: readonly FileChange[]): Promise<string> {
  const at = new Date(terminal.now()).toISOString()
  const folder = folderOf(terminal)
  const file = join(folder, `${at.replaceAll(/[:.]/g, "-")}.json`)
  const record = { at, files: changes.map(recordedOf) }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
    await forgetUnreadable(folder)
    await writeChange({ path: file, after: `${JSON.stringify(record, undefined, 2)}\n` }, 0o600)
  } catch (error) {
    throw new CommandError(
      `${folder}, where undo keeps its records, cannot be written: ${reasonOf(error)}. Nothing was changed.`,
    )
  }
  return file
}

function recordedOf({ path, before, after }: FileChange): Recorded {
  const edits = before === undefined ? [] : diffChars(after ?? "", before).map(editOf)
  return { path, before: hashOf(before), after: hashOf(after), edits }
}

function editOf(part: { readonly added: boolean; readonly removed: boolean; readonly value: string }): Edit {
  if (part.added) return { insert: part.value }
  return part.removed ? { remove: part.value } : { keep: part.value.length }
}

function hashOf(text: string | undefined): string | null {
  return text === undefined ? null : createHash("sha256").update(text).digest("hex")
}

/**
 * The text from before, out of the one that is there now.
 *
 * @returns `undefined` when the file is not as it was left: nothing can be said about it then.
 */
export function textBefore(
  recorded: Recorded,
  now: string | undefined,
): { readonly text: string | undefined } | undefined {
  if (hashOf(now) === recorded.before) return { text: now }
  if (hashOf(now) !== recorded.after) return undefined
  if (recorded.before === null) return { text: undefined }
  let at = 0
  let before = ""
  for (const edit of recorded.edits) {
    if ("insert" in edit) before += edit.insert
    else if ("remove" in edit) at += edit.remove.length
    else {
      before += (now ?? "").slice(at, at + edit.keep)
      at += edit.keep
    }
  }
  return hashOf(before) === recorded.before ? { text: before } : undefined
}

/** The newest one; `undefined` when there is nothing to undo. */
export async function lastUndoRecord(terminal: Terminal): Promise<UndoRecord | undefined> {
  const folder = folderOf(terminal)
  for (const file of (await recordsIn(folder)).toReversed()) {
    const record = await readRecord(file)
    if (record !== undefined) return { ...record, file }
  }
  return undefined
}

/** Files that were not there before one of our changes. */
export async function filesMadeByUs(terminal: Terminal): Promise<ReadonlySet<string>> {
  const records = await Promise.all((await recordsIn(folderOf(terminal))).map(readRecord))
  const files = records.flatMap((record) => record?.files ?? [])
  return new Set(files.filter(({ before }) => before === null).map(({ path }) => path))
}

/** Records of version 0.1 held whole files, keys and all. */
async function forgetUnreadable(folder: string): Promise<void> {
  for (const file of await recordsIn(folder))
    if ((await readRecord(file)) === undefined) await rm(file, { force: true })
}

async function recordsIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => join(folder, name))
}

async function readRecord(file: string): Promise<z.infer<typeof recordSchema> | undefined> {
  // None that this version can read.
  const text = await readFile(file, "utf8").catch(() => "")
  return recordSchema.safeParse(parseJsonText(text)).data
}

export async function forgetUndoRecord(file: string): Promise<void> {
  await rm(file, { force: true })
}
