import { join } from "node:path"
import { parseJsonDocument } from "../../config/json-document.ts"
import { mergeSettings } from "../../config/merge-settings.ts"
import { projectSettings } from "../../config/project-settings.ts"
import { configDirectories } from "../../config/settings-places.ts"
import { pathText } from "../../config/settings-problem.ts"
import { shortValue } from "../../config/short-value.ts"
import type { Catalog } from "../../core/catalog.ts"
import { asObject, field, type JsonObject } from "../../core/json-object.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import { refuseSecrets, type WriteOptions } from "../changes/apply-changes.ts"
import { addMissing, appendTo } from "../changes/edit-json.ts"
import { type FileChange, readEditable, unfit } from "../changes/file-change.ts"
import { agentsOf, modelNamed } from "../installation/agent-chains.ts"
import { findKeyless } from "../installation/keyless-providers.ts"
import {
  askAndLoad,
  type AskOptions,
  noteProblems,
  type OwnSettings,
} from "../installation/load-own-settings.ts"
import { findOtherPlugins, type OtherPlugin } from "../installation/other-plugins.ts"
import { isTuiFile, pluginListFiles, withoutListed } from "../installation/plugin-lists.ts"
import { packageFacts } from "../opencode/package-facts.ts"
import { isOurs } from "../opencode/plugin-entries.ts"
import { readCredentials } from "../opencode/read-credentials.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { findImports, mergeImports } from "./import/find-imports.ts"
import type { ImportedSettings } from "./import/imported-settings.ts"
import { proposeChain } from "./propose-chain.ts"

export type InitOptions = WriteOptions &
  AskOptions & {
    readonly project?: boolean
    readonly removeOthers?: boolean
    readonly panel: boolean
    readonly undo?: boolean
    readonly plugin: string
  }

export type Plan = Awaited<ReturnType<typeof makePlan>>

/** What `init` would do. Reads and asks, writes nothing. */
export async function makePlan(terminal: Terminal, options: InitOptions) {
  const { answers, own, catalog, silence } = await askAndLoad(terminal, options)
  const found = await findImports(own, terminal.home)
  const imports = options.project ? found.map((one) => forProject(one, terminal)) : found
  const taken = mergeImports(imports)
  const isListed = hasList(own.settings) || hasList(taken)
  const credentials = await readCredentials(terminal)
  const keyless = findKeyless({ answers, own, catalog }, { env: terminal.env, credentials })
  const proposed = isListed ? [] : proposal(own, catalog, keyless, terminal.now())
  const wanted = proposed.length === 0 ? taken : mergeSettings(taken, { fallback_models: proposed })
  const others = await findOtherPlugins(own, terminal)
  const folder = options.project ? join(terminal.directory, ".opencode") : userFolder(terminal)
  const version = answers?.isVersion2 ? 2 : 1
  const listing = await listingChange(own, options, folder, version, terminal.directory)
  const removals = options.removeOthers ? await removalChanges(own, others, listing) : []
  const settings = await settingsChange(folder, wanted)
  // One that is to be edited has been named by then, as the reason why nothing is.
  noteProblems(terminal, own)
  return {
    /** Not each of them changes its file. */
    changes: [
      ...(removals.some(({ path }) => path === listing.path) ? [] : [listing]),
      ...removals,
      ...(options.panel && version === 1 ? await panelChanges(own, options, folder) : []),
      settings.change,
    ],
    imports,
    /** A global chain out of the connected models; empty when there are chains already, or nothing to choose from. */
    proposed,
    /** Settings of the user that stay although an import would change them. */
    kept: settings.kept,
    others: others.filter((other) => other.acts),
    /** Among what is there already or is imported. */
    hasList: isListed,
    silence,
  }
}

/** In a project's own file only choices among models count. */
function forProject(imported: ImportedSettings, terminal: Terminal): ImportedSettings {
  const { choices, refused } = projectSettings(imported.settings, userFolder(terminal))
  const why = "a project's own file cannot set it; run init without --project"
  const behind = refused.map(({ path }) => ({ path: pathText(path), why }))
  return { ...imported, settings: choices, notImported: [...imported.notImported, ...behind] }
}

function userFolder({ env, home }: Terminal): string {
  return configDirectories(env, home).at(-1) ?? home
}

function hasList(settings: JsonObject): boolean {
  return /"(?:fallback_models|fallbackModels)":\s*\[\s*[^\]\s]/.test(JSON.stringify(settings))
}

function proposal(
  { config }: OwnSettings,
  catalog: Catalog,
  keyless: readonly string[],
  now: number,
): readonly ModelKey[] {
  const agentModels = Object.values(agentsOf(config)).map((agent) => agent["model"])
  const used = [config["model"], ...agentModels].flatMap((model) => modelNamed(model) ?? [])
  return proposeChain({ catalog, primary: used[0], used, keyless, now })
}

type FileBefore = Pick<FileChange, "path" | "before">

/**
 * The file that is to be edited, of these in one folder: the one whose list of plugins counts. OpenCode 1 takes only
 * the strongest file's list there, so that an entry in a weaker one would do nothing, and a list in a stronger one
 * would take the others away. Where none has a list it is the first that is there.
 *
 * @param anew the one that is made where none is there
 */
async function fileToEdit(anew: string, paths: readonly string[]): Promise<FileBefore> {
  const files = await Promise.all(paths.map(async (path) => ({ path, before: await readEditable(path) })))
  const there = files.filter(({ before }) => before !== undefined)
  return there.find(({ before }) => hasPluginList(before)) ?? there[0] ?? { path: anew, before: undefined }
}

function hasPluginList(text: string | undefined): boolean {
  const config = configIn(text)
  return "plugin" in config || "plugins" in config
}

function configIn(text: string | undefined): JsonObject {
  return asObject(field(parseJsonDocument(text ?? ""), "value"))
}

/** @param folder the user's, or the project's `.opencode` */
async function listingChange(
  own: OwnSettings,
  options: InitOptions,
  folder: string,
  version: 1 | 2,
  directory: string,
): Promise<FileChange> {
  const json = (place: string) => ["opencode.jsonc", "opencode.json"].map((name) => join(place, name))
  const oldest = version === 1 ? [join(folder, "config.json")] : []
  const file = await fileToEdit(
    join(options.project ? directory : folder, "opencode.json"),
    options.project ? [...json(directory), ...json(folder)] : [...json(folder), ...oldest],
  )
  if (own.plugins.some(isOurs)) return { ...file, after: file.before }
  return withPlugin(file, "config", options.plugin)
}

/** Adds it to the list of plugins; in a file that is made anew there is nothing else. */
function withPlugin({ path, before }: FileBefore, kind: "config" | "tui", spec: string): FileChange {
  const list = configIn(before)["plugin"]
  if (list !== undefined && !Array.isArray(list))
    throw unfit(`${path}, plugin`, `${shortValue(list, [])}, and not a list, [ … ]`)
  const fresh = `{\n  "$schema": "https://opencode.ai/${kind}.json"\n}\n`
  return { path, before, after: appendTo(before ?? fresh, "plugin", spec) }
}

/** Other plugins whose only work this is leave each list that they are in. */
async function removalChanges(
  { places }: OwnSettings,
  others: readonly OtherPlugin[],
  listing: FileChange,
): Promise<readonly FileChange[]> {
  const leaving = others.filter(({ known }) => known?.offSwitch === undefined).map(({ entry }) => entry)
  refuseSecrets(leaving)
  const specs = leaving.map(({ spec }) => spec)
  return Promise.all(
    places.openCodeFiles.map(async (path) => {
      const isListing = path === listing.path
      const before = isListing ? listing.before : await readEditable(path)
      const text = isListing ? listing.after : before
      return { path, before, after: text && withoutListed(text, specs) }
    }),
  )
}

/** OpenCode 1 has a list of its own for its terminal interface; version 2 finds the panel by itself. */
async function panelChanges(
  own: OwnSettings,
  options: InitOptions,
  folder: string,
): Promise<readonly FileChange[]> {
  const anew = join(folder, "tui.json")
  const file = await fileToEdit(anew, [join(folder, "tui.jsonc"), anew])
  const files = await pluginListFiles(own.places, folder)
  if (files.some((file) => isTuiFile(file.path) && file.ours.length > 0)) return []
  return [withPlugin(file, "tui", own.plugins.find(isOurs)?.spec ?? options.plugin)]
}

const header = `// What you can set: ${packageFacts.docs}/settings.md\n`

async function settingsChange(folder: string, wanted: JsonObject) {
  const anew = join(folder, "understudy.jsonc")
  const { path, before } = await fileToEdit(anew, [anew, join(folder, "understudy.json")])
  if (Object.keys(wanted).length === 0) return { change: { path, before, after: before }, kept: [] }
  const fresh = `${header}{\n  "$schema": "${schemaAddress}"\n}\n`
  const { text, kept } = addMissing(before ?? fresh, wanted)
  return { change: { path, before, after: text }, kept }
}

/** As in script/settings-json-schema.ts, which is not part of the bundle. */
const schemaAddress = "https://unpkg.com/opencode-understudy/assets/understudy.schema.json"
