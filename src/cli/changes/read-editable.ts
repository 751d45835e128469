import { sourceText } from "../../config/format-problem.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { CommandError } from "../command-error.ts"
import { readIfThere } from "./file-change.ts"

/**
 * The text of a file that is to be edited; `undefined`: there is none.
 *
 * @throws CommandError for one that cannot be read, or is no JSON with comments
 */
export async function readEditable(path: string): Promise<string | undefined> {
  const text = await readIfThere(path)
  const document = parseJsonDocument(text ?? "")
  if (document.ok) return text
  throw new CommandError(
    `${sourceText({ from: "file", file: path, ...document.at })}: found ${document.found}. Fix the file first; nothing was written.`,
  )
}
