import { basename, dirname, join } from "node:path"
import { pluginListKeys } from "../../config/find-written.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import type { SettingsPlaces } from "../../config/settings-places.ts"
import { sourceText } from "../../config/settings-problem.ts"
import { asArray, field, isObject } from "../../core/json-object.ts"
import { readEditable } from "../changes/file-change.ts"
import { isOurs, pluginEntries, type PluginEntry } from "../opencode/plugin-entries.ts"

type ListedHere = {
  readonly key: "plugin" | "plugins"
  /** Where the name stands: in the list, in `[name, options]`, or in version 2's `{ package, options }`. */
  readonly path: readonly (string | number)[]
  readonly entry: PluginEntry
}

/** A file that names this plugin: `opencode.json` for the server side, `tui.json` for version 1's panel. */
export type PluginListFile = {
  readonly path: string
  readonly text: string
  readonly ours: readonly ListedHere[]
}

/**
 * Every file of OpenCode's, and whether entries that are wanted (by default ours) are in it; the strongest file first.
 *
 * @throws CommandError for one that cannot be read
 */
export async function pluginListFiles(
  { openCode1Files }: SettingsPlaces,
  directory: string,
  wanted = isOurs,
): Promise<readonly PluginListFile[]> {
  const paths = new Set(openCode1Files.flatMap((file) => [file, tuiFileBeside(file)]))
  const files = await Promise.all([...paths].map((path) => pluginListFile(path, directory, wanted)))
  return files.filter((file) => file !== undefined)
}

/** Where these plugins stand in OpenCode's lists: file, line and column. Never rejects. */
export async function listedAt(
  places: SettingsPlaces,
  directory: string,
  wanted: (entry: PluginEntry) => boolean,
): Promise<readonly string[]> {
  // One that cannot be read is a finding of its own.
  const files = await pluginListFiles(places, directory, wanted).catch(() => [])
  return files
    .filter(({ path }) => !isTuiFile(path))
    .flatMap(({ path: file, text, ours }) => {
      const document = parseJsonDocument(text)
      return ours.map(({ path }) => {
        const at = document.ok ? document.locate(path, "value") : undefined
        return at === undefined ? file : sourceText({ from: "file", file, ...at })
      })
    })
}

function pathOf(item: unknown, at: ListedHere["path"]): ListedHere["path"] {
  if (isObject(item)) return [...at, "package"]
  return Array.isArray(item) ? [...at, 0] : at
}

function tuiFileBeside(openCodeFile: string): string {
  return join(dirname(openCodeFile), openCodeFile.endsWith("c") ? "tui.jsonc" : "tui.json")
}

export function isTuiFile(path: string): boolean {
  return basename(path).startsWith("tui.json")
}

async function pluginListFile(
  path: string,
  directory: string,
  wanted: (entry: PluginEntry) => boolean,
): Promise<PluginListFile | undefined> {
  const text = await readEditable(path)
  if (text === undefined) return undefined
  const value = field(parseJsonDocument(text), "value")
  const ours: ListedHere[] = []
  for (const key of pluginListKeys) {
    for (const [index, item] of asArray(field(value, key)).entries()) {
      const [entry] = await pluginEntries({ plugin: [item] }, directory)
      if (entry !== undefined && wanted(entry)) ours.push({ key, path: pathOf(item, [key, index]), entry })
    }
  }
  return { path, text, ours }
}
