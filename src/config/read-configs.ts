import { isObject } from "../core/json-object.ts"
import { markdownAgents, type ReadYaml } from "./agent-files.ts"
import { fillIn, type FillInUser } from "./fill-in.ts"
import { parseJsonDocument } from "./json-document.ts"
import { readTextFile } from "./read-text-file.ts"
import { reasonOf } from "./reason-of.ts"
import { contentVariable, type SettingsPlaces } from "./settings-places.ts"
import { sourceText } from "./settings-problem.ts"

/**
 * OpenCode's own configurations, filled in as it does that itself: what its variable holds, its files and, with `readYaml`,
 * each agent in Markdown as a configuration of its own.
 *
 * @returns the strongest first, and which files nobody can read. OpenCode 1 does not start with such a file, version 2 does
 *   without it (2.0.15).
 */
export async function readConfigs(places: SettingsPlaces, user: FillInUser, readYaml: ReadYaml | undefined) {
  const files = await Promise.all([
    readConfig(contentVariable, Promise.resolve(places.content), user),
    ...places.openCodeFiles.map((file) => readConfig(file, readTextFile(file), user)),
  ])
  const markdown = readYaml ? await markdownAgents(places, readYaml) : []
  // That of the variable, which has none, is -1.
  const rank = (one: { readonly place: string }): number => places.ranked.indexOf(one.place)
  const all = [...files, ...markdown].toSorted((a, b) => rank(a) - rank(b))
  return {
    configs: all.map(({ value }) => value),
    broken: files.flatMap(({ broken }) => broken ?? []),
  }
}

/** `where`: with line and column. `why`: in words, such as "found the end of the file (a `]` is missing)". */
async function readConfig(place: string, reading: Promise<string | undefined>, user: FillInUser) {
  try {
    const text = (await reading) ?? ""
    const filled = parseJsonDocument(await fillIn(text, place, user))
    if (filled.ok && isObject(filled.value)) return { place, value: filled.value }
    if (filled.ok) return { place, broken: { where: place, why: "it is no object, { … }" } }
    // What is filled in may be a secret: the mistake is shown in the text as it was written, if it is there already.
    const asWritten = parseJsonDocument(text)
    const document = asWritten.ok
      ? { at: filled.at, found: "what {env:…} or {file:…} gives there" }
      : asWritten
    const where = sourceText({ from: "file", file: place, ...document.at })
    return { place, broken: { where, why: `found ${document.found}` } }
  } catch (error) {
    return { place, broken: { where: place, why: reasonOf(error) } }
  }
}
