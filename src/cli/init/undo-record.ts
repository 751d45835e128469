import { readdir, readFile, rm } from "node:fs/promises"
import { join } from "node:path"
import { z } from "zod"
import { stateDirectory } from "../../store/state-directory.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type FileChange, writeChange } from "./file-change.ts"

const recordSchema = z.object({
  at: z.string(),
  files: z.array(z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() })),
})

export type UndoRecord = {
  readonly file: string
  readonly at: string
  readonly changes: readonly FileChange[]
}

function folderOf({ platform, home, env }: Pick<Terminal, "platform" | "home" | "env">): string {
  return join(stateDirectory({ platform, home, env }), "init")
}

/**
 * Keeps both texts of each file, before anything is written. Configuration may hold keys: nobody else can read it.
 *
 * @returns where
 */
export async function saveUndoRecord(terminal: Terminal, changes: readonly FileChange[]): Promise<string> {
  const at = new Date(terminal.now()).toISOString()
  const file = join(folderOf(terminal), `${at.replaceAll(/[:.]/g, "-")}.json`)
  const files = changes.map(({ path, before, after }) => ({
    path,
    before: before ?? null,
    after: after ?? null,
  }))
  await writeChange({ path: file, after: `${JSON.stringify({ at, files }, undefined, 2)}\n` }, 0o600)
  return file
}

/** The newest one; `undefined` when there is nothing to undo. */
export async function lastUndoRecord(terminal: Terminal): Promise<UndoRecord | undefined> {
  const folder = folderOf(terminal)
  const names = await readdir(folder).catch(() => [])
  const last = names
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .at(-1)
  if (last === undefined) return undefined
  const file = join(folder, last)
  const record = recordSchema.parse(JSON.parse(await readFile(file, "utf8")))
  const changes = record.files.map(({ path, before, after }) => ({
    path,
    before: before ?? undefined,
    after: after ?? undefined,
  }))
  return { file, at: record.at, changes }
}

export async function forgetUndoRecord({ file }: UndoRecord): Promise<void> {
  await rm(file, { force: true })
}
