import { dirname, resolve } from "node:path"
import { readTextFile } from "./read-text-file.ts"
import { fromHome, type User } from "./this-user.ts"

export type FillInUser = Pick<User, "env" | "home"> & { readonly directory: string }

/**
 * OpenCode's own way with its configuration, before it is read as JSON (1.18.33, 2.0.15): `{env:NAME}` is the variable or
 * nothing, `{file:path}` that file's text, from the configuration's folder on (OPENCODE_CONFIG_CONTENT's is the project).
 *
 * @throws Error when such a file is not there
 */
export async function fillIn(
  text: string,
  file: string,
  { env, home, directory }: FillInUser,
): Promise<string> {
  const withVariables = text.replaceAll(/\{env:([^}]+)\}/g, (_, name: string) => env[name] ?? "")
  const pieces = withVariables.split(/(\{file:[^}]+\})/)
  const filled = pieces.map(async (piece, index) => {
    const line = pieces.slice(0, index).join("").split("\n").at(-1) ?? ""
    // Every second piece is what was split by.
    if (index % 2 === 0 || line.trimStart().startsWith("//")) return piece
    const path = fromHome(piece.slice("{file:".length, -1), home)
    const content = await readTextFile(resolve(directory, dirname(file), path))
    if (content === undefined) throw new Error(`${piece} is not there`)
    return JSON.stringify(content.trim()).slice(1, -1)
  })
  return (await Promise.all(filled)).join("")
}
