import { isObject } from "../core/json-object.ts"
import type { markdownAgents } from "./agent-files.ts"
import { fillIn, type FillInUser } from "./fill-in.ts"
import { parseJsonDocument } from "./json-document.ts"
import { readTextFile } from "./read-text-file.ts"
import { reasonOf } from "./reason-of.ts"
import { contentVariable, type SettingsPlaces } from "./settings-places.ts"
import { sourceText } from "./settings-problem.ts"

/**
 * OpenCode's own configurations, filled in as it does that itself: what its variable holds, and then its files.
 *
 * @returns of each its `value`, or `broken`: why nobody can read it. OpenCode 1 does not start with such a file, version 2
 *   does without it (2.0.15).
 */
export function readConfigs(
  { content, openCodeFiles }: Pick<SettingsPlaces, "content" | "openCodeFiles">,
  user: FillInUser,
) {
  return Promise.all([
    readConfig(contentVariable, Promise.resolve(content), user),
    ...openCodeFiles.map((file) => readConfig(file, readTextFile(file), user)),
  ])
}

/** These and the agents in Markdown, each of them as a configuration of its own, in one order: the strongest first. */
export function inRank(
  { ranked }: SettingsPlaces,
  configs: Awaited<ReturnType<typeof readConfigs>>,
  markdown: Awaited<ReturnType<typeof markdownAgents>>,
): readonly unknown[] {
  const all = [
    ...configs.map(({ file, value }) => ({ rank: ranked.indexOf(file), config: value })),
    ...markdown.map(({ name, folder, settings }) => ({
      rank: ranked.indexOf(folder),
      config: { agent: { [name]: settings } },
    })),
  ]
  // The variable is no place, and comes first.
  return all.toSorted((a, b) => a.rank - b.rank).map(({ config }) => config)
}

/** `where`: with line and column. `why`: in words, such as "found the end of the file (a `]` is missing)". */
async function readConfig(file: string, reading: Promise<string | undefined>, user: FillInUser) {
  try {
    const text = (await reading) ?? ""
    const filled = parseJsonDocument(await fillIn(text, file, user))
    if (filled.ok && isObject(filled.value)) return { file, value: filled.value }
    if (filled.ok) return { file, broken: { where: file, why: "it is no object, { … }" } }
    // What is filled in may be a secret: the mistake is shown in the text as it was written, if it is there already.
    const asWritten = parseJsonDocument(text)
    const document = asWritten.ok
      ? { at: filled.at, found: "what {env:…} or {file:…} gives there" }
      : asWritten
    const where = sourceText({ from: "file", file, ...document.at })
    return { file, broken: { where, why: `found ${document.found}` } }
  } catch (error) {
    return { file, broken: { where: file, why: reasonOf(error) } }
  }
}
