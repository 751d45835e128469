import type { ReadText } from "../../config/agent-key-position.ts"
import { parseJsonDocument, theEnd } from "../../config/json-document.ts"
import { reasonOf } from "../../config/reason-of.ts"

/** A configuration file of OpenCode's that nobody can read. */
export type BrokenFile = {
  /** The file, with line and column where it can be opened. */
  readonly where: string
  /** In words, such as "a `]` is missing". */
  readonly why: string
}

/** OpenCode does not start with one of these, and then cannot say why in an answer to us. */
export async function brokenFiles(files: readonly string[], read: ReadText): Promise<readonly BrokenFile[]> {
  const found = await Promise.all(files.map((file) => brokenFile(file, read)))
  return found.filter((file) => file !== undefined)
}

async function brokenFile(file: string, read: ReadText): Promise<BrokenFile | undefined> {
  try {
    const text = await read(file)
    const document = text === undefined ? undefined : parseJsonDocument(text)
    if (document === undefined || document.ok) return undefined
    const { at, found, reason } = document
    return { where: `${file}:${at.line}:${at.column}`, why: `${reason}, before ${placeText(found)}` }
  } catch (error) {
    return { where: file, why: reasonOf(error) }
  }
}

function placeText(found: string): string {
  return found === theEnd ? found : `\`${found.slice(0, 40)}\``
}
