import { addProhibitions } from "./add-prohibitions.ts"
import { patternFindings } from "./compile-patterns.ts"
import { findWritten, type FindWritten } from "./find-written.ts"
import { lintFindings, type SettingsFinding } from "./lint-settings.ts"
import { mergeSettings } from "./merge-settings.ts"
import { misplacedKeys } from "./misplaced-keys.ts"
import { problemOfFault } from "./problem-of-fault.ts"
import { projectSettings } from "./project-settings.ts"
import { mostFaults, mostProblems, pruneInvalid, valueAt } from "./prune-invalid.ts"
import { readSettingsFile, type SettingsSource } from "./read-settings-file.ts"
import { quietReader, type ReadText } from "./read-text-file.ts"
import { defaultSettings, type Settings, settingsSchema } from "./schema.ts"
import type { SettingsPlaces } from "./settings-places.ts"
import { pathText, type ProblemSource, type SettingsPath, type SettingsProblem } from "./settings-problem.ts"
import type { AgentSettings } from "./take-agent-settings.ts"

export type LoadSettingsInput = {
  readonly places: SettingsPlaces
  /** The second element of `["opencode-understudy", { … }]`, as OpenCode hands it over. */
  readonly pluginOptions?: unknown
  readonly agentSettings?: AgentSettings | undefined
  /** Gives `undefined` for a file that does not exist; may throw or reject for anything else. */
  readonly readFile: ReadText
}

export type LoadedSettings = {
  readonly settings: Settings
  readonly problems: readonly SettingsProblem[]
  /** Our own files that exist, lowest rank first. */
  readonly files: readonly string[]
  /** What else says something, in words: the plugin's options, OpenCode's agents. */
  readonly elsewhere: readonly string[]
  /** Where the values at these paths were written; `undefined`: nowhere, it is a default. */
  readonly origins: (paths: readonly SettingsPath[]) => Promise<readonly (ProblemSource | undefined)[]>
  /** Where something was written of which it is known who says it. */
  readonly find: FindWritten
}

/**
 * The settings in force, from all sources. Never throws and never rejects: what cannot be used is left out
 * and named in `problems`.
 */
export async function loadSettings(input: LoadSettingsInput): Promise<LoadedSettings> {
  try {
    return await loadFromSources(input)
  } catch (error) {
    const problem: SettingsProblem = {
      code: "invalid-setting",
      source: { from: "settings" },
      path: "",
      found: `an internal error of Understudy (${String(error)})`,
      allowed: "Please report it.",
      effect: "The defaults are in force.",
    }
    const origins = () => Promise.resolve([])
    const find: FindWritten = (source) => Promise.resolve(source)
    return { settings: defaultSettings(), problems: [problem], files: [], elsewhere: [], origins, find }
  }
}

async function loadFromSources(input: LoadSettingsInput): Promise<LoadedSettings> {
  const { places } = input
  const sources = await readSources(input)
  const settings = settingsOf(sources)
  const quiet = quietReader(input.readFile)
  // One for each search: what it has parsed is not kept while OpenCode runs.
  const search = () => findWritten({ places, options: input.pluginOptions, read: quiet })
  const origins: LoadedSettings["origins"] = (paths) => {
    const place = search()
    return Promise.all(paths.map((path) => originOf(path, sources, place)))
  }
  const findings = [...(await patternFindings(settings)), ...lintFindings(settings)]
  return {
    settings,
    problems: firstOfEach([
      sources.flatMap((source) => source.problems ?? []),
      await faultProblems(sources, settings, search()),
      await findingProblems(findings, origins),
      await misplacedKeys(places, quiet),
    ]),
    files: sources.flatMap((source) => (source.file === undefined ? [] : [source.file])),
    elsewhere: elsewhereText(input),
    origins,
    find: (source, path) => search()(source, path),
  }
}

function elsewhereText({ pluginOptions, agentSettings }: LoadSettingsInput): readonly string[] {
  const agents = Object.keys(agentSettings ?? {})
  return [
    // OpenCode 2 hands over an empty object where there are none.
    ...(Object.keys(Object(pluginOptions)).length === 0 ? [] : ["plugin options"]),
    ...(agents.length === 0 ? [] : [`OpenCode's agents (${agents.join(", ")})`]),
  ]
}

/** Every source that says something, lowest rank first. */
async function readSources(input: LoadSettingsInput): Promise<readonly SettingsSource[]> {
  const { places } = input
  const read = (files: readonly string[]) =>
    Promise.all(files.map((file) => readSettingsFile(file, input.readFile)))
  const [userFiles, projectFiles] = await Promise.all([read(places.userFiles), read(places.projectFiles)])
  const userFile = places.userFiles.at(-1) ?? "understudy.jsonc"
  const agents = Object.entries(input.agentSettings ?? {})
  return [
    ...userFiles.filter((source) => source !== undefined),
    ...projectFiles.filter((source) => source !== undefined).map((source) => ofProject(source, userFile)),
    ...(input.pluginOptions === undefined || input.pluginOptions === null
      ? []
      : [handedOver(input.pluginOptions, { from: "plugin options" })]),
    ...agents.map(([agent, settings]) =>
      handedOver({ agents: { [agent]: settings } }, { from: "agent", agent }),
    ),
  ]
}

/** A project's file is somebody else's text: what it may not say is taken out of it. */
function ofProject(source: SettingsSource, userFile: string): SettingsSource {
  const { choices, prohibitions, refused } = projectSettings(source.valid, userFile)
  const at = (path: SettingsPath): ProblemSource => source.find(path, "key") ?? { from: "settings" }
  return {
    ...source,
    valid: choices,
    prohibitions,
    faults: [...source.faults, ...refused.map((fault) => ({ fault, source: at(fault.path) }))],
  }
}

/** What OpenCode has read for us: where something stands in its files is looked up only when somebody asks. */
function handedOver(document: unknown, source: ProblemSource): SettingsSource {
  const { valid, faults } = pruneInvalid(document)
  const find = (path: SettingsPath) => (valueAt(valid, path) === undefined ? undefined : source)
  return { valid, faults: faults.map((fault) => ({ fault, source })), find }
}

/** Valid parts make a valid whole. */
function settingsOf(sources: readonly SettingsSource[]): Settings {
  const chosen = settingsSchema.parse(sources.map((source) => source.valid).reduce(mergeSettings, {}))
  return sources
    .flatMap(({ prohibitions }) => (prohibitions === undefined ? [] : settingsSchema.parse(prohibitions)))
    .reduce(addProhibitions, chosen)
}

async function faultProblems(
  sources: readonly SettingsSource[],
  settings: Settings,
  place: FindWritten,
): Promise<readonly SettingsProblem[]> {
  const problems: SettingsProblem[] = []
  const all = sources.flatMap(({ faults, valid, prohibitions = {} }) => {
    const left = mergeSettings(valid, prohibitions)
    return faults.map((found) => ({ ...found, valid: left }))
  })
  for (const { fault, source, valid } of all.slice(0, mostFaults))
    problems.push({
      ...problemOfFault(fault, source, valid, settings),
      source: await place(source, fault.path),
    })
  return problems
}

/** The first problems of each kind, and one line for all others. */
function firstOfEach(kinds: readonly (readonly SettingsProblem[])[]): readonly SettingsProblem[] {
  const named = kinds.flatMap((problems) => problems.slice(0, mostProblems))
  if (kinds.every((problems) => problems.length <= mostProblems)) return named
  const others: SettingsProblem = {
    code: "more-mistakes",
    source: { from: "settings" },
    path: "",
    found: "further mistakes",
    allowed: `Only the first ${mostProblems} of each kind are listed.`,
    effect: "What is wrong is ignored, the rest stays in force.",
  }
  return [...named, others]
}

async function findingProblems(
  findings: readonly SettingsFinding[],
  origins: LoadedSettings["origins"],
): Promise<readonly SettingsProblem[]> {
  const named = findings.slice(0, mostFaults)
  const sources = await origins(named.map(({ path }) => path))
  return named.map((finding, index) => ({
    ...finding,
    source: sources[index] ?? { from: "settings" },
    path: pathText(finding.path),
  }))
}

/** The highest source that says something about it is the one that counts. */
async function originOf(
  path: SettingsPath,
  sources: readonly SettingsSource[],
  place: FindWritten,
): Promise<ProblemSource | undefined> {
  // Lists are replaced as a whole, and one model may stand there without a list.
  const depth = path.findIndex((step) => typeof step === "number")
  const whole = depth === -1 ? path : path.slice(0, depth)
  // What was left out of a file stands there, and is not in force.
  const isInForce = ({ valid, prohibitions }: SettingsSource): boolean =>
    [valid, prohibitions].some((said) => valueAt(said, whole) !== undefined)
  const source = sources.findLast((one) => isInForce(one) && one.find(whole, "value") !== undefined)
  const exact = source && !isShifted(source, whole, path) ? source.find(path, "value") : undefined
  const found = exact ?? source?.find(whole, "value")
  return found && place(found, exact ? path : whole)
}

/** Whether an entry before this one may have been left out, so that it has another number where it was written. */
function isShifted({ faults }: SettingsSource, list: SettingsPath, entry: SettingsPath): boolean {
  return faults.some(
    ({ fault: { path } }) =>
      list.every((step, index) => path[index] === step) &&
      Number(path[list.length]) <= Number(entry[list.length]),
  )
}
