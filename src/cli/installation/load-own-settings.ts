import { existsSync } from "node:fs"
import { dirname, join, sep } from "node:path"
import { pluginListKeys } from "../../config/find-written.ts"
import { loadSettings } from "../../config/load-settings.ts"
import { mergeSettings } from "../../config/merge-settings.ts"
import { readConfigs } from "../../config/read-configs.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { foldersDownTo, placesFor, type SettingsPlaces } from "../../config/settings-places.ts"
import { formatProblem } from "../../config/settings-problem.ts"
import { agentSettingsIn, takeAgentSettings } from "../../config/take-agent-settings.ts"
import type { Catalog } from "../../core/catalog.ts"
import { asArray, asObject, type JsonObject } from "../../core/json-object.ts"
import { type AskedConfig, askOpenCode, type OpenCodeAnswers } from "../opencode/ask-opencode.ts"
import { findOpenCode } from "../opencode/find-opencode.ts"
import { isOurs, pluginEntries } from "../opencode/plugin-entries.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { agentsOf } from "./agent-chains.ts"

type Place = Pick<Terminal, "env" | "home" | "directory">

export type OwnSettings = Awaited<ReturnType<typeof loadOwnSettings>>

/**
 * The settings as the plugin would read them in this project, and where they were looked for.
 *
 * @param asked OpenCode's own merged configuration; where it has given none its files are read
 */
export async function loadOwnSettings(terminal: Place, asked?: AskedConfig) {
  const readYaml = asked?.ok === "in files" ? asked.readYaml : undefined
  const places = placesOf(terminal, readYaml ? 2 : 1)
  const { configs, broken } = await readConfigs(places, terminal, readYaml)
  const config = structuredClone(asked?.ok === true ? asked.value : configIn(configs))
  const plugins = await pluginEntries(config, terminal.directory)
  const taken = takeAgentSettings(config)
  // As the plugin reads them there.
  const agentSettings = readYaml ? agentSettingsIn(configs) : taken
  const loaded = await loadSettings({
    places,
    pluginOptions: plugins.find(isOurs)?.options,
    agentSettings,
    readFile: readTextFile,
  })
  return {
    ...loaded,
    places,
    plugins,
    /** OpenCode's configuration, without our keys. */
    config,
    agentSettings,
    /** OpenCode's own files that cannot be read. */
    broken,
  }
}

/** One configuration from those that nobody has merged for us. Remote configuration and what plugins add are missing. */
function configIn(configs: readonly unknown[]): JsonObject {
  return configs
    .toReversed()
    .map(asObject)
    .map((config) => ({ ...config, agents: agentsOf(config) }))
    .reduce(addConfig, {})
}

/** Lists of plugins add up over the files, as in OpenCode; everything else is replaced by what ranks higher. */
function addConfig(below: JsonObject, value: JsonObject): JsonObject {
  const added = pluginListKeys.map((key) => [key, [...asArray(below[key]), ...asArray(value[key])]] as const)
  return {
    ...mergeSettings(below, value),
    ...Object.fromEntries(added.filter(([, list]) => list.length > 0)),
  }
}

function placesOf(terminal: Place, version: 1 | 2): SettingsPlaces {
  // Outside of git there is none, as for OpenCode's `/`.
  const worktree = foldersDownTo(terminal.directory).findLast((folder) => existsSync(join(folder, ".git")))
  return placesFor({ ...terminal, worktree, version })
}

/** What either version of OpenCode reads: where ours is taken out or updated, it must not stay for the other one. */
export function placesOfBoth(terminal: Place) {
  const [one, two] = [placesOf(terminal, 1), placesOf(terminal, 2)]
  const both = (key: "openCodeFiles" | "agentFolders") => [...new Set([...two[key], ...one[key]])]
  const own = new Set(one.openCodeFiles.map((file) => dirname(file)))
  return {
    ...one,
    openCodeFiles: both("openCodeFiles"),
    agentFolders: both("agentFolders"),
    /** Of the user's own and the project's: not in a folder above its repository, which may be somebody else's. */
    isOwn: (path: string): boolean =>
      own.has(dirname(path)) || one.agentFolders.some((folder) => path.startsWith(join(folder, sep))),
  }
}

/** What a command may be told of OpenCode: its binary, or not to start it. */
export type AskOptions = { readonly opencode?: string; readonly offline?: boolean | undefined }

/** The settings in force, with what OpenCode itself says, where it is there and may be started. */
export async function askAndLoad(terminal: Terminal, { opencode, offline }: AskOptions) {
  const openCode = await findOpenCode(terminal, opencode)
  const answers = openCode === undefined || offline ? undefined : await askOpenCode(openCode, terminal)
  const own = await loadOwnSettings(terminal, answers?.config)
  const silence = silenceOf(openCode, answers, own)
  const catalog: Catalog =
    silence === undefined && answers?.models.ok ? answers.models.value : { known: false }
  return { openCode, answers, own, catalog, silence }
}

/**
 * Why it is not known which models are connected, as a sentence without its end; `undefined`: it is known. Of an
 * OpenCode that does without a file of its user's they are not what the user has.
 */
export function silenceOf(
  openCode: string | undefined,
  answers: Pick<OpenCodeAnswers, "models"> | undefined,
  { broken: [broken] }: Pick<OwnSettings, "broken">,
): string | undefined {
  if (openCode === undefined) return "OpenCode was not found"
  if (answers === undefined) return "OpenCode was not asked (--offline)"
  if (broken !== undefined) return `OpenCode cannot read ${broken.where}`
  return answers.models.ok ? undefined : `OpenCode could not be asked: ${answers.models.why}`
}

/** Names what is not used as it was written: whatever a command says next is said without it. */
export function noteProblems(
  { note, colors }: Pick<Terminal, "note" | "colors">,
  { broken, problems }: Pick<OwnSettings, "broken" | "problems">,
): void {
  const mark = colors.red("understudy:")
  for (const { where, why } of broken) note(`${mark} ${where}: OpenCode cannot read it: ${why}.`)
  for (const problem of problems) note(`${mark} ${formatProblem(problem)}`)
}
