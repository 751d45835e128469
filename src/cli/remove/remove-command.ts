import { type AgentFile, agentFiles } from "../../config/agent-files.ts"
import { isObject, parseJsonText } from "../../core/json-object.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import {
  applyChanges,
  changesJson,
  exitCodeOf,
  refuseSecrets,
  restartHint,
  type WriteOptions,
} from "../changes/apply-changes.ts"
import { removeFrom } from "../changes/edit-json.ts"
import { type FileChange, readIfThere } from "../changes/file-change.ts"
import { filesMadeByUs } from "../changes/undo-record.ts"
import type { ExitCode } from "../exit-code.ts"
import { loadOwnSettings } from "../load-own-settings.ts"
import { cachedCopies } from "../opencode/cached-copies.ts"
import { specOf } from "../opencode/plugin-entries.ts"
import { type PluginListFile, pluginListFiles } from "../opencode/plugin-lists.ts"
import { writeJson } from "../terminal/json.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { withoutAgentKeys, withoutFrontMatterKeys } from "./agent-keys.ts"

export async function removeCommand(terminal: Terminal, options: WriteOptions): Promise<ExitCode> {
  const own = await loadOwnSettings(terminal)
  const lists = await pluginListFiles(own.places, terminal.directory)
  refuseSecrets(lists.flatMap(({ ours }) => ours.map(({ entry }) => entry)))
  const agents = await agentFiles(own.places)
  const made = await filesMadeByUs(terminal)
  const changes = [
    ...lists.map((file) => listChange(file, made)),
    ...(await Promise.all(agents.map(markdownChange))),
  ].filter(({ before, after }) => before !== after)
  const record = await applyChanges(terminal, changes, options)
  const state = stateDirectory(terminal)
  // Not deleted here: an OpenCode that runs at the moment may still load parts of it.
  const copies = (await cachedCopies(terminal)).map(({ folder }) => folder)
  if (options.json)
    writeJson(terminal, {
      ...changesJson(changes, record),
      settingsFiles: own.files,
      stateFolder: state,
      cachedCopies: copies,
    })
  else terminal.write(`\n${ending(changes, record)}\n${leftText(own.files, state, copies)}\n`)
  return exitCodeOf(changes, record)
}

/** @param made files that were not there before us: one of which nothing is left goes as a whole */
function listChange({ path, text, ours }: PluginListFile, made: ReadonlySet<string>): FileChange {
  const specs = new Set(ours.map(({ entry }) => entry.spec))
  const keys = [...new Set(ours.map(({ key }) => key))]
  const isOurs = (item: unknown): boolean => specs.has(specOf(item) ?? "")
  const unlisted = keys.reduce((edited, key) => removeFrom(edited, key, isOurs), text)
  const after = withoutAgentKeys(unlisted)
  return { path, before: text, after: made.has(path) && isBare(after) ? undefined : after }
}

/** What somebody has commented out is something. */
function isBare(text: string): boolean {
  const value = parseJsonText(text)
  return isObject(value) && Object.keys(value).every((key) => key === "$schema")
}

async function markdownChange({ path }: AgentFile): Promise<FileChange> {
  const before = await readIfThere(path)
  return { path, before, after: before && withoutFrontMatterKeys(before) }
}

function ending(changes: readonly FileChange[], record: string | undefined): string {
  if (changes.length === 0) return "Nothing to remove: none of OpenCode's files mentions Understudy."
  if (record === undefined) return "Nothing was written."
  return `Removed. Now ${restartHint}. \`npx opencode-understudy init --undo\` puts it back.`
}

function leftText(settingsFiles: readonly string[], state: string, copies: readonly string[]): string {
  const left = [
    ...settingsFiles.map((file) => [file, "your settings"]),
    [state, "health, journal, what undo needs"],
    ...copies.map((folder) => [folder, "OpenCode's copy of the package"]),
  ]
  return ["Left for you to delete:", ...left.map(([path, what]) => `  ${path}  ${what}`)].join("\n")
}
