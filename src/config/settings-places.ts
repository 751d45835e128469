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
  const { user, config } = version === 1 ? readBy1(folders, above, home) : readBy2(folders, above)
  const configFolders = [...new Set([...user, ...config])].toReversed()
  return {
    userFiles: folders.flatMap(json("understudy")),
    // A folder that the user has named as a folder of configuration is the user's.
    projectFiles: configIn(isRead ? projectDirectories(directory, worktree) : [])
      .filter((folder) => !folders.includes(folder))
      .flatMap(json("understudy")),
    openCodeFiles: [
      // Only version 1 reads it, the weakest of all (1.18.33).
      ...(version === 1 ? user.map((folder) => join(folder, "config.json")) : []),
      ...user.flatMap(json("opencode")),
      // It stands between the user's own and the project's.
      ...(env["OPENCODE_CONFIG"] ? [env["OPENCODE_CONFIG"]] : []),
      ...[...above, ...new Set(config)].flatMap(json("opencode")),
    ].toReversed(),
    content: env[contentVariable],
    configFolders,
    agentFolders: configFolders.flatMap((folder) => agentFolderNames.map((name) => join(folder, name))),
  }
}

const configIn = (folders: readonly string[]): readonly string[] =>
  folders.map((folder) => join(folder, ".opencode"))

const json = (name: string) => (folder: string) => [
  join(folder, `${name}.json`),
  join(folder, `${name}.jsonc`),
]

/** The user's own `.opencode` outranks a project's, and of these the outermost wins (1.18.34, ConfigPaths). */
function readBy1(folders: readonly string[], above: readonly string[], home: string) {
  const config = [...configIn(above).toReversed(), join(home, ".opencode"), ...folders.slice(1)]
  return { user: folders.slice(0, 1), config }
}

/** The user's own `.opencode` is one of those above the project (2.0.15, ConfigDiscovery). */
function readBy2(folders: readonly string[], above: readonly string[]) {
  return { user: folders.slice(-1), config: configIn(above) }
}

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

/** Within a folder of configuration, highest rank first. */
const agentFolderNames = ["modes", "mode", "agents", "agent"]
