import { fillIn, type FillInUser } from "../../config/fill-in.ts"
import { pluginListKeys } from "../../config/find-written.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { mergeSettings } from "../../config/merge-settings.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { reasonOf } from "../../config/reason-of.ts"
import { contentVariable } from "../../config/settings-places.ts"
import { sourceText } from "../../config/settings-problem.ts"
import { asArray, asObject, isObject, type JsonObject } from "../../core/json-object.ts"

/**
 * OpenCode's configuration from its files alone, for when OpenCode cannot be asked: agents from Markdown,
 * remote configuration and what plugins add are missing. Lists of plugins add up over the files, as in
 * OpenCode; everything else is replaced by what ranks higher.
 *
 * @param paths highest rank first
 * @returns with `broken`: the files that nobody can read. OpenCode 1 does not start with one, version 2 does without it (2.0.15).
 */
export async function readConfigFiles(paths: readonly string[], user: FillInUser) {
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
async function readConfig(file: string, reading: Promise<string | undefined>, user: FillInUser) {
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

function addConfig(below: JsonObject, value: JsonObject): JsonObject {
  const added = pluginListKeys.map((key) => [key, [...asArray(below[key]), ...asArray(value[key])]] as const)
  return {
    ...mergeSettings(below, value),
    ...Object.fromEntries(added.filter(([, list]) => list.length > 0)),
  }
}
