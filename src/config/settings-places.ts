import { dirname, join, resolve } from "node:path"
import type { ReadText } from "./read-text-file.ts"
import type { Environment, User } from "./this-user.ts"

/**
 * The user's folders of OpenCode's configuration; later ones win. `OPENCODE_CONFIG_DIR` comes in addition to the usual one,
 * as in OpenCode 1 (1.18.34, ConfigPaths); OpenCode 2 itself reads the last of them only (2.0.15).
 */
export function configDirectories(environment: Environment, homeDirectory: string): readonly string[] {
  const usual = join(environment["XDG_CONFIG_HOME"] || join(homeDirectory, ".config"), "opencode")
  const named = environment["OPENCODE_CONFIG_DIR"]
  return [...new Set([usual, named ? resolve(named) : usual])]
}

/** Whether OpenCode reads a project's own configuration: version 2 has a word of its own for "no", and knows version 1's. */
function readsProject(environment: Environment, version: 1 | 2): boolean {
  const own = version === 2 ? environment["OPENCODE_CONFIG_PROJECT_DISABLE"] : undefined
  // Nothing else is a "yes" to either (1.18.33, 2.0.15).
  return !/^(?:1|true)$/i.test(own ?? environment["OPENCODE_DISABLE_PROJECT_CONFIG"] ?? "")
}

/**
 * The project's own folders, from the root of the worktree down to the project: the nearest wins. Without a
 * worktree (OpenCode gives `/` outside of git) it is the project folder alone.
 */
export function projectDirectories(directory: string, worktree: string | undefined): readonly string[] {
  const root = resolve(worktree || "/")
  if (dirname(root) === root) return [resolve(directory)]
  const folders = foldersFrom(root, directory)
  return folders[0] === root ? folders : [root, resolve(directory)]
}

/** From this one down to the folder; where it does not hold that, all that do. */
function foldersFrom(root: string | undefined, directory: string): readonly string[] {
  const folders = foldersDownTo(directory)
  return folders.slice(Math.max(0, folders.indexOf(resolve(root || "/"))))
}

/** A folder and all that hold it, the outermost first. */
export function foldersDownTo(directory: string): readonly string[] {
  const nearest = resolve(directory)
  return dirname(nearest) === nearest ? [nearest] : [...foldersDownTo(dirname(nearest)), nearest]
}

export type SettingsPlaces = {
  /** Our own files in the user's folders, lowest rank first. */
  readonly userFiles: readonly string[]
  /** Our own files that came with the project, lowest rank first; they outrank the user's. */
  readonly projectFiles: readonly string[]
  /** OpenCode's own files, highest rank first. */
  readonly openCodeFiles: readonly string[]
  /** What {@link contentVariable} holds: it outranks every file. */
  readonly content?: string | undefined
  /** Folders of configuration, highest rank first: other plugins have their files there. */
  readonly configFolders: readonly string[]
  /** Folders that may hold an agent as `X.md`, highest rank first. */
  readonly agentFolders: readonly string[]
  /** The files and these folders in one order, highest rank first. */
  readonly ranked: readonly string[]
}

/** Where OpenCode finds its configuration, and we ours, in this project; `worktree` as for {@link projectDirectories}. */
export function placesFor({
  env,
  home,
  directory,
  worktree,
  version,
}: Pick<User, "env" | "home"> & {
  readonly directory: string
  readonly worktree: string | undefined
  /** Of the OpenCode whose configuration it is. */
  readonly version: 1 | 2
}): SettingsPlaces {
  const isRead = readsProject(env, version)
  const folders = configDirectories(env, home)
  // In the worktree, or outside of git each (1.18.33, ConfigPaths); each (2.0.15, ConfigDiscovery).
  const above = isRead ? foldersFrom(version === 1 ? worktree : undefined, directory) : []
  const named = env["OPENCODE_CONFIG"] ? [env["OPENCODE_CONFIG"]] : []
  const between = [...named, ...above.flatMap(openCodeJson)]
  const { user, config, rising } =
    version === 1 ? readBy1(folders, above, between, home) : readBy2(folders, above, between)
  const configFolders = [...new Set([...user, ...config])].toReversed()
  const agentFolders = new Set(configFolders.flatMap(agentFoldersIn))
  const ranked = [...new Set([...rising, ...config.flatMap(readIn)].toReversed())]
  return {
    userFiles: folders.flatMap(json("understudy")),
    // A folder that the user has named as a folder of configuration is the user's.
    projectFiles: configIn(isRead ? projectDirectories(directory, worktree) : [])
      .filter((folder) => !folders.includes(folder))
      .flatMap(json("understudy")),
    openCodeFiles: ranked.filter((path) => !agentFolders.has(path)),
    content: env[contentVariable],
    configFolders,
    agentFolders: ranked.filter((path) => agentFolders.has(path)),
    ranked,
  }
}

const configIn = (folders: readonly string[]): readonly string[] =>
  folders.map((folder) => join(folder, ".opencode"))

const json = (name: string) => (folder: string) => [
  join(folder, `${name}.json`),
  join(folder, `${name}.jsonc`),
]

const openCodeJson = json("opencode")

/** Within a folder of configuration, lowest rank first. */
const agentFoldersIn = (folder: string): readonly string[] =>
  ["agent", "agents", "mode", "modes"].map((name) => join(folder, name))

/** What is read in a folder of configuration. */
const readIn = (folder: string): readonly string[] => [...openCodeJson(folder), ...agentFoldersIn(folder)]

/**
 * The user's own `.opencode` outranks a project's, and of these the outermost wins (1.18.34, ConfigPaths). The user's
 * agents in Markdown outrank what stands `between`; `config.json` is the weakest of all (1.18.33).
 */
function readBy1(folders: Ranking, above: Ranking, between: Ranking, home: string) {
  const user = folders.slice(0, 1)
  const config = [...configIn(above).toReversed(), join(home, ".opencode"), ...folders.slice(1)]
  const files = [...user.map((folder) => join(folder, "config.json")), ...user.flatMap(openCodeJson)]
  return {
    user,
    config: [...new Set(config)],
    rising: [...files, ...between, ...user.flatMap(agentFoldersIn)],
  }
}

/**
 * The user's own `.opencode` is one of those above the project (2.0.15, ConfigDiscovery). What stands `between` outranks
 * all that is the user's (2.0.15).
 */
function readBy2(folders: Ranking, above: Ranking, between: Ranking) {
  const user = folders.slice(-1)
  return { user, config: configIn(above), rising: [...user.flatMap(readIn), ...between] }
}

/** Lowest rank first. */
type Ranking = readonly string[]

/** A configuration of OpenCode's that is in no file; it is named like one. */
export const contentVariable = "OPENCODE_CONFIG_CONTENT"

/** OpenCode's own texts and where they are, the strongest first. */
export async function openCodeTexts(
  { content, openCodeFiles }: Pick<SettingsPlaces, "content" | "openCodeFiles">,
  read: ReadText,
) {
  const files = openCodeFiles.map(async (file) => ({ file, text: await read(file) }))
  return [{ file: contentVariable, text: content }, ...(await Promise.all(files))]
}
