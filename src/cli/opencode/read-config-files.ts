import { dirname, resolve } from "node:path"
import { pluginListKeys } from "../../config/find-written.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { mergeSettings } from "../../config/merge-settings.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { contentVariable } from "../../config/settings-places.ts"
import { sourceText } from "../../config/settings-problem.ts"
import { fromHome } from "../../config/this-user.ts"
import { asArray, asObject, isObject, type JsonObject } from "../../core/json-object.ts"
import type { UserFolders } from "../terminal/terminal.ts"

/**
 * OpenCode's configuration from its files alone, for when OpenCode cannot be asked: agents from Markdown,
 * remote configuration and what plugins add are missing. Lists of plugins add up over the files, as in
 * OpenCode; everything else is replaced by what ranks higher.
 *
 * @param paths highest rank first
 * @returns with `broken`: the files that nobody can read. OpenCode 1 does not start with one, version 2 does without it (2.0.15).
 */
export async function readConfigFiles(paths: readonly string[], user: UserFolders) {
  const content = Promise.resolve(user.env[contentVariable])
  const sources = await Promise.all([
    readConfig(contentVariable, content, user),
    ...paths.map((path) => readConfig(path, readTextFile(path), user)),
  ])
  return {
    config: sources.map(({ value }) => asObject(value)).reduceRight(addConfig, {}),
    broken: sources.flatMap(({ broken }) => broken ?? []),
  }
}

/** `where`: with line and column. `why`: in words, such as "found the end of the file (a `]` is missing)". */
async function readConfig(file: string, reading: Promise<string | undefined>, user: UserFolders) {
  try {
    const text = (await reading) ?? ""
    const filled = parseJsonDocument(await fillIn(text, file, user))
    if (filled.ok && isObject(filled.value)) return { value: filled.value }
    if (filled.ok) return { broken: { where: file, why: "it is no object, { … }" } }
    // What is filled in may be a secret: the mistake is shown in the text as it was written, if it is there already.
    const asWritten = parseJsonDocument(text)
    const document = asWritten.ok
      ? { at: filled.at, found: "what {env:…} or {file:…} gives there" }
      : asWritten
    const where = sourceText({ from: "file", file, ...document.at })
    return { broken: { where, why: `found ${document.found}` } }
  } catch (error) {
    return { broken: { where: file, why: reasonOf(error) } }
  }
}

/**
 * OpenCode's own way with the text of its configuration, before it is read as JSON (1.18.33, 2.0.15): `{env:NAME}` is
 * the variable or nothing, `{file:path}` what stands in that file, from the folder of the configuration on.
 *
 * @throws Error when such a file is not there
 */
export async function fillIn(text: string, file: string, { env, home }: UserFolders): Promise<string> {
  const withVariables = text.replaceAll(/\{env:([^}]+)\}/g, (_, name: string) => env[name] ?? "")
  const pieces = withVariables.split(/(\{file:[^}]+\})/)
  const filled = pieces.map(async (piece, index) => {
    const line = pieces.slice(0, index).join("").split("\n").at(-1) ?? ""
    // Every second piece is what was split by.
    if (index % 2 === 0 || line.trimStart().startsWith("//")) return piece
    const path = fromHome(piece.slice("{file:".length, -1), home)
    const content = await readTextFile(resolve(dirname(file), path))
    if (content === undefined) throw new Error(`${piece} is not there`)
    return JSON.stringify(content.trim()).slice(1, -1)
  })
  return (await Promise.all(filled)).join("")
}

function addConfig(below: JsonObject, value: JsonObject): JsonObject {
  const added = pluginListKeys.map((key) => [key, [...asArray(below[key]), ...asArray(value[key])]] as const)
  return {
    ...mergeSettings(below, value),
    ...Object.fromEntries(added.filter(([, list]) => list.length > 0)),
  }
}
