import { basename, dirname, join } from "node:path"
import { pluginListKeys } from "../../config/find-written.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { type ReadText, readTextFile } from "../../config/read-text-file.ts"
import { contentVariable, openCodeTexts, type SettingsPlaces } from "../../config/settings-places.ts"
import { sourceText } from "../../config/settings-problem.ts"
import { asArray, field, isObject } from "../../core/json-object.ts"
import { byHand } from "../changes/apply-changes.ts"
import { removeFrom } from "../changes/edit-json.ts"
import { readEditable } from "../changes/file-change.ts"
import { isOurs, pluginEntries, type PluginEntry, specOf } from "../opencode/plugin-entries.ts"

type ListedHere = {
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
 * Every file of OpenCode's and what its variable holds, and whether our plugin is in it; the strongest first.
 *
 * @throws CommandError for one that cannot be read
 */
export async function pluginListFiles(
  { openCodeFiles, content }: SettingsPlaces,
  directory: string,
  read: ReadText = readEditable,
): Promise<readonly PluginListFile[]> {
  const files = [...new Set(openCodeFiles.flatMap((file) => [file, tuiFileBeside(file)]))]
  const texts = await openCodeTexts({ content, openCodeFiles: files }, read)
  const lists = texts.map(async ({ file: path, text }): Promise<readonly PluginListFile[]> => {
    return text === undefined ? [] : [{ path, text, ours: await listedIn(text, directory, isOurs) }]
  })
  return (await Promise.all(lists)).flat()
}

/** The text of such a file without the entries of these specs. */
export function withoutListed(text: string, specs: readonly string[]): string {
  const isMeant = (item: unknown): boolean => specs.includes(specOf(item) ?? "")
  return pluginListKeys.reduce((edited, key) => removeFrom(edited, key, isMeant), text)
}

/** Where these plugins stand in OpenCode's lists: file, line and column. Never rejects. */
export async function listedAt(
  places: SettingsPlaces,
  directory: string,
  wanted: (entry: PluginEntry) => boolean,
): Promise<readonly string[]> {
  // One that cannot be read is a finding of its own.
  const texts = await openCodeTexts(places, (file) => readTextFile(file).catch(() => undefined))
  const found = texts.map(async ({ file, text = "" }) => {
    const document = parseJsonDocument(text)
    if (!document.ok) return []
    const listed = await listedIn(text, directory, wanted)
    return listed.flatMap(({ path }) => {
      const at = document.locate(path, "value")
      return at === undefined ? [] : [sourceText({ from: "file", file, ...at })]
    })
  })
  return (await Promise.all(found)).flat()
}

/** @param places of {@link listedAt}, of what the advice is about */
export function listAdvice(places: readonly string[], advice: string): string {
  return places.some((place) => place.startsWith(contentVariable)) ? `${advice} ${byHand}` : advice
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

async function listedIn(
  text: string,
  directory: string,
  wanted: (entry: PluginEntry) => boolean,
): Promise<readonly ListedHere[]> {
  const value = field(parseJsonDocument(text), "value")
  const listed: ListedHere[] = []
  for (const key of pluginListKeys) {
    for (const [index, item] of asArray(field(value, key)).entries()) {
      const [entry] = await pluginEntries({ plugin: [item] }, directory)
      if (entry !== undefined && wanted(entry)) listed.push({ path: pathOf(item, [key, index]), entry })
    }
  }
  return listed
}
