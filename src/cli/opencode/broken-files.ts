import { readTextFile } from "../../config/read-text-file.ts"
import { sourceText } from "../../config/format-problem.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { reasonOf } from "../../config/reason-of.ts"

/** A configuration file of OpenCode's that nobody can read. */
export type BrokenFile = {
  /** The file, with line and column where it can be opened. */
  readonly where: string
  /** In words, such as "found the end of the file (a `]` is missing)". */
  readonly why: string
}

/** OpenCode does not start with one of these, and then cannot say why in an answer to us. */
export async function brokenFiles(files: readonly string[]): Promise<readonly BrokenFile[]> {
  const found = await Promise.all(files.map(brokenFile))
  return found.filter((file) => file !== undefined)
}

async function brokenFile(file: string): Promise<BrokenFile | undefined> {
  try {
    const text = await readTextFile(file)
    const document = text === undefined ? undefined : parseJsonDocument(text)
    if (document === undefined || document.ok) return undefined
    const { at, found } = document
    return { where: sourceText({ from: "file", file, ...at }), why: `found ${found}` }
  } catch (error) {
    return { where: file, why: reasonOf(error) }
  }
}
