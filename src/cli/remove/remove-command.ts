import { existsSync } from "node:fs"
import { type AgentFile, agentFiles, frontMatterKey, frontMatterLines } from "../../config/agent-files.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { contentVariable } from "../../config/settings-places.ts"
import { agentPlaces, isAgentKey } from "../../config/take-agent-settings.ts"
import { asObject, field, isObject, parseJsonText } from "../../core/json-object.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import { applyChanges, finish, refuseSecrets, type WriteOptions } from "../changes/apply-changes.ts"
import { removeKey } from "../changes/edit-json.ts"
import { type FileChange, readEditable, readIfThere } from "../changes/file-change.ts"
import { leftAbove } from "../changes/left-above.ts"
import { filesMadeByUs } from "../changes/undo-record.ts"
import { placesOfBoth } from "../installation/load-own-settings.ts"
import { type PluginListFile, pluginListFiles, withoutListed } from "../installation/plugin-lists.ts"
import { cachedCopies } from "../opencode/cached-copies.ts"
import type { ExitCode } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"

export async function removeCommand(terminal: Terminal, options: WriteOptions): Promise<ExitCode> {
  const places = placesOfBoth(terminal)
  const { left, unlessLeft, writable } = leftAbove(places.isOwn)
  const lists = await pluginListFiles(places, terminal.directory, (path) =>
    unlessLeft(path, () => readEditable(path)),
  )
  const files = lists.filter(({ path }) => path !== contentVariable)
  refuseSecrets(files.flatMap(({ ours }) => ours.map(({ entry }) => entry)))
  const agents = await agentFiles(places)
  const made = await filesMadeByUs(terminal)
  const changes = [
    ...lists.map((file) => listChange(file, made)),
    ...(await Promise.all(agents.map((file) => unlessLeft(file.path, () => markdownChange(file))))),
  ].filter((change) => change !== undefined)
  const applied = await applyChanges(terminal, await writable(changes), options, left)
  const settingsFiles = [...places.userFiles, ...places.projectFiles].filter((file) => existsSync(file))
  const stateFolder = stateDirectory(terminal)
  // Not deleted here: an OpenCode that runs at the moment may still load parts of it.
  const copies = (await cachedCopies(terminal)).map(({ folder }) => folder)
  return finish(terminal, applied, options, {
    done: "Removed.",
    nothing: "Nothing to remove: none of OpenCode's files mentions Understudy.",
    more: leftLines(settingsFiles, stateFolder, copies),
    facts: { settingsFiles, stateFolder, cachedCopies: copies },
  })
}

/** @param made files that were not there before us: one of which nothing is left goes as a whole */
function listChange({ path, text, ours }: PluginListFile, made: ReadonlySet<string>): FileChange {
  const specs = ours.map(({ entry }) => entry.spec)
  const after = withoutAgentKeys(withoutListed(text, specs))
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

function leftLines(
  settingsFiles: readonly string[],
  state: string,
  copies: readonly string[],
): readonly string[] {
  const left = [
    ...settingsFiles.map((file) => [file, "your settings"]),
    ...(existsSync(state) ? [[state, "health, journal, what undo needs"]] : []),
    ...copies.map((folder) => [folder, "OpenCode's copy of the package"]),
  ]
  const lines = left.map(([path, what]) => `  ${path}  ${what}`)
  return lines.length === 0 ? [] : ["Left for you to delete:", ...lines]
}

/** Takes our keys off every agent of an `opencode.json`; left behind they travel to the provider. */
export function withoutAgentKeys(text: string): string {
  const document = parseJsonDocument(text)
  if (!document.ok) return text
  const edited = agentKeyPaths(document.value).reduce(removeKey, text)
  // A key may stand twice: behind the one that counted the other one would.
  return edited === text ? text : withoutAgentKeys(edited)
}

function agentKeyPaths(config: unknown): readonly (readonly string[])[] {
  const ours = (holder: unknown) => Object.keys(asObject(holder)).filter(isAgentKey)
  return agentPlaces.flatMap((place) =>
    Object.entries(asObject(field(config, place))).flatMap(([name, agent]) => [
      ...ours(agent).map((key) => [place, name, key]),
      ...ours(field(agent, "options")).map((key) => [place, name, "options", key]),
    ]),
  )
}

/** The same in the front matter of an agent's Markdown file: a key goes with the lines that belong to its value. */
export function withoutFrontMatterKeys(text: string): string {
  const [lines, end] = [text.split("\n"), frontMatterLines(text).length]
  let goneUntil = 0
  const kept = lines.filter((line, index) => {
    if (index > 0 && index < end && isAgentKey(frontMatterKey(line) ?? ""))
      goneUntil = lastOfValue(lines.slice(0, end), index) + 1
    return index >= goneUntil
  })
  return kept.join("\n")
}

/** Comments and blank lines behind a value are not a part of it. */
function lastOfValue(lines: readonly string[], first: number): number {
  let last = first
  for (const [index, line] of lines.entries()) {
    if (index <= first || /^\s*(?:#|$)/.test(line)) continue
    // A list may stand under its key without indentation, and so may the bracket that ends one.
    if (!/^(?:[ \t]|-(?:\s|$)|[\]}])/.test(line)) break
    last = index
  }
  return last
}
