import { join } from "node:path"
import { asArray, field, isObject } from "../core/json-object.ts"
import { frontMatterKey, frontMatterLines } from "./agent-files.ts"
import { parseJsonDocument } from "./json-document.ts"
import type { ReadText } from "./read-text-file.ts"
import { openCodeTexts, type SettingsPlaces } from "./settings-places.ts"
import type { ProblemSource, SettingsPath } from "./settings-problem.ts"
import { agentPlaces } from "./take-agent-settings.ts"

/** Gives the file and line of a path; the source as it was where nothing more is known. */
export type FindWritten = (source: ProblemSource, path: SettingsPath) => Promise<ProblemSource>

type Search = {
  readonly places: SettingsPlaces
  /** The plugin's options, as OpenCode handed them over. */
  readonly options: unknown
  /** Never rejects. */
  readonly read: ReadText
}

/**
 * Where something was written that OpenCode hands over without its place: the plugin's options, and keys on agents.
 * Its files are read again, the strongest first, and only when somebody asks; they are kept as long as this function.
 */
export function findWritten({ places, options, read }: Search): FindWritten {
  const readAll = async () =>
    (await openCodeTexts(places, read)).flatMap(({ file, text }) => {
      const document = parseJsonDocument(text ?? "")
      return document.ok ? [{ file, ...document }] : []
    })
  let documents: ReturnType<typeof readAll> | undefined

  /** @returns the first place that is there, of the path itself or of what holds it */
  const inFiles = async (
    basesIn: (config: unknown) => readonly SettingsPath[],
    ...paths: readonly SettingsPath[]
  ): Promise<ProblemSource | undefined> => {
    for (const { file, value, locate } of await (documents ??= readAll()))
      for (const base of basesIn(value))
        for (const path of paths) {
          const at = locate([...base, ...path], "value")
          if (at !== undefined) return { from: "file", file, ...at }
        }
    return undefined
  }

  return async (source, path) => {
    if (source.from === "plugin options")
      return (await inFiles((config) => optionPaths(config, options), path, path.slice(0, -1))) ?? source
    if (source.from === "opencode config") return (await inFiles(() => [[]], path)) ?? source
    if (source.from !== "agent") return source
    const { agent } = source
    // As in our own files: agents.NAME.KEY.
    const [key = "", ...rest] = path.slice(2)
    const bases = agentPlaces.toReversed().flatMap((place) => [
      [place, agent],
      [place, agent, "options"],
    ])
    const inJson = await inFiles(() => bases, [key, ...rest], [key])
    const rank = inJson?.from === "file" ? places.ranked.indexOf(inJson.file) : Infinity
    const above = places.agentFolders.filter((folder) => places.ranked.indexOf(folder) < rank)
    return (await inMarkdown(above, agent, String(key), read)) ?? inJson ?? source
  }
}

/** The line of a key at the top level of an agent's front matter. */
async function inMarkdown(
  folders: readonly string[],
  agent: string,
  key: string,
  read: ReadText,
): Promise<ProblemSource | undefined> {
  for (const folder of folders) {
    const file = join(folder, `${agent}.md`)
    const lines = frontMatterLines((await read(file)) ?? "")
    const at = lines.findIndex((line) => frontMatterKey(line) === key)
    if (at !== -1) return { from: "file", file, line: at + 1, column: 1 }
  }
  return undefined
}

/** Both words for the list of plugins: version 1 has `plugin`, version 2 has `plugins` and takes the other, too. */
export const pluginListKeys = ["plugin", "plugins"] as const

/** Behind the plugin's name in `[name, options]`, or in version 2's `{ package, options }`. */
function optionPaths(config: unknown, options: unknown): readonly SettingsPath[] {
  return pluginListKeys.flatMap((key) =>
    asArray(field(config, key)).flatMap((item, index): readonly SettingsPath[] => {
      if (isObject(item)) return haveSameKeys(item["options"], options) ? [[key, index, "options"]] : []
      return Array.isArray(item) && haveSameKeys(item[1], options) ? [[key, index, 1]] : []
    }),
  )
}

/** The package may bear any name there, and OpenCode fills in `{env:…}`: the keys are what stays as it was written. */
function haveSameKeys(written: unknown, options: unknown): boolean {
  return JSON.stringify(Object.keys(Object(written))) === JSON.stringify(Object.keys(Object(options)))
}
