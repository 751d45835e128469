import { createTwoFilesPatch } from "diff"
import { isUtf8 } from "node:buffer"
import {
  access,
  chmod,
  constants,
  lstat,
  mkdir,
  open,
  readFile,
  realpath,
  rename,
  rm,
  stat,
} from "node:fs/promises"
import { dirname, join } from "node:path"
import { parseJsonDocument } from "../../config/json-document.ts"
import { isMissing } from "../../config/read-text-file.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { sourceText } from "../../config/settings-problem.ts"
import { shortValue } from "../../config/short-value.ts"
import { isObject } from "../../core/json-object.ts"
import { CommandError } from "../terminal/command-error.ts"
import type { Colors } from "../terminal/terminal.ts"

/** One file before and after; `undefined`: it is not there. The variable is named like one, and never written. */
export type FileChange = {
  readonly path: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** The change as a unified diff, for people: values that it does not touch are not shown. */
export function diffOf({ path, before, after }: FileChange): string {
  const diff = createTwoFilesPatch(
    before === undefined ? "/dev/null" : path,
    after === undefined ? "/dev/null" : path,
    before ?? "",
    after ?? "",
    "",
    "",
    { context: 3 },
  ).replace(/^(?:Index:.*\n)?=+\n/, "")
  return hideUntouched(diff, before ?? "", after ?? "")
}

/** The same, in colours. Ends in a line feed. */
export function drawDiff(change: FileChange, colors: Colors): string {
  return diffOf(change)
    .split("\n")
    .map((line) => {
      if (line.startsWith("+++") || line.startsWith("---")) return colors.bold(line)
      if (line.startsWith("+")) return colors.green(line)
      if (line.startsWith("-")) return colors.red(line)
      return line.startsWith("@@") ? colors.cyan(line) : line
    })
    .join("\n")
}

/** @throws CommandError for what is there and cannot be read, or not be written back as it is */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path)
    if (!isUtf8(bytes)) throw new Error("it is not UTF-8")
    return bytes.toString()
  } catch (error) {
    const isNothing = isMissing(error)
    if (isNothing && (await lstat(path).catch(() => undefined)) === undefined) return undefined
    const why = isNothing ? "it is a broken symbolic link" : reasonOf(error)
    throw new CommandError(`${path} cannot be read: ${why}. Nothing was written.`)
  }
}

/**
 * Writes or removes a file, whole or not at all. A symbolic link (a folder of dotfiles, say) stays a link, and a
 * file keeps its mode.
 *
 * @param mode for a file that is new
 */
export async function writeChange(
  { path, after }: Pick<FileChange, "path" | "after">,
  mode = 0o644,
): Promise<void> {
  const target = await realpath(path).catch(() => path)
  if (after === undefined) return rm(target, { force: true })
  await mkdir(dirname(target), { recursive: true })
  const found = await stat(target).catch(() => undefined)
  // A folder that can be written would let the draft take the place of a file that somebody has locked.
  if (found) await access(target, constants.W_OK)
  const draft = join(dirname(target), `.understudy-${process.pid}.tmp`)
  try {
    {
      // It may hold keys: nobody may read the draft who may not read the file.
      await using file = await open(draft, "w", found === undefined ? mode : 0o600)
      await file.writeFile(after)
      await file.sync()
    }
    if (found) await chmod(draft, found.mode & 0o7777)
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

/** @throws when it is a change that cannot be written */
export async function expectWritable({ path, before, after }: FileChange): Promise<void> {
  if (before === after) return
  const target = await realpath(path)
  await access(target, constants.W_OK)
  await access(dirname(target), constants.W_OK)
}

/** @throws CommandError when one cannot be written; the others are then as they were before */
export async function writeAll(changes: readonly FileChange[]): Promise<void> {
  const done: FileChange[] = []
  try {
    for (const change of changes) {
      await writeChange(change)
      done.push(change)
    }
  } catch (error) {
    const stuck: string[] = []
    for (const { path, before } of done)
      await writeChange({ path, after: before }).catch(() => stuck.push(path))
    const rest = stuck.length === 0 ? "Nothing was changed." : `Not put back: ${stuck.join(", ")}.`
    throw new CommandError(`${changes[done.length]?.path} could not be written: ${reasonOf(error)}. ${rest}`)
  }
}

/** A text, or a run of anything that is neither white space nor punctuation of JSON: numbers, words of comments. */
const token = /"(?:[^"\\]|\\.)*"?(?=(\s*:)?)|[^\s"{}[\],:]+/g

const harmless = /^(?:true|false|null|-?\d{1,8}(?:\.\d+)?|\/\/|\/\*|\*\/)$/

/**
 * A unified diff in which the change can be read and nothing else: a value that stands in both texts is shown as
 * `…`, because it may be a key. Names of settings stay.
 */
function hideUntouched(diff: string, before: string, after: string): string {
  return diff
    .split("\n")
    .map((line) => {
      if (/^(?:---|\+\+\+|@@|\\)/.test(line)) return line
      return (
        line.slice(0, 1) +
        line.slice(1).replaceAll(token, (text: string, colon?: string) => {
          const isTouched = !before.includes(text) || !after.includes(text)
          if (isTouched || colon !== undefined || harmless.test(text)) return text
          return text.startsWith('"') ? '"…"' : "…"
        })
      )
    })
    .join("\n")
}

/**
 * The text of a file that is to be edited; `undefined`: there is none.
 *
 * @throws CommandError for one that cannot be read, or is no JSON with comments
 */
export async function readEditable(path: string): Promise<string | undefined> {
  const text = await readIfThere(path)
  const document = parseJsonDocument(text ?? "")
  if (!document.ok) throw unfit(sourceText({ from: "file", file: path, ...document.at }), document.found)
  if (!isObject(document.value))
    throw unfit(path, `${shortValue(document.value, [])}, and not an object, { … }`)
  return text
}

/** What is found in a file keeps us from editing it. */
export function unfit(where: string, found: string): CommandError {
  return new CommandError(`${where}: found ${found}. Fix the file first; nothing was written.`)
}
