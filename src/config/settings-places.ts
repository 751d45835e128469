import { dirname, isAbsolute, join, parse, relative, resolve } from "node:path"
import type { ReadText } from "./read-text-file.ts"
import type { Environment, User } from "./this-user.ts"

/**
 * The user's folders of OpenCode's configuration; later ones win. `OPENCODE_CONFIG_DIR` comes in addition to the usual one,
 * as in OpenCode 1 (1.18.34, ConfigPaths); OpenCode 2 itself reads the last of them only (2.0.15).
 */
export function configDirectories(environment: Environment, homeDirectory: string): readonly string[] {
  const base = environment["XDG_CONFIG_HOME"]
  const usual = join(base === undefined || base === "" ? join(homeDirectory, ".config") : base, "opencode")
  const further = environment["OPENCODE_CONFIG_DIR"]
  return further === undefined || further === "" ? [usual] : [usual, further]
}

/** Whether OpenCode reads a project's own configuration: version 2 has a word of its own for "no", and knows version 1's. */
function readsProject(environment: Environment): boolean {
  return !(environment["OPENCODE_CONFIG_PROJECT_DISABLE"] ?? environment["OPENCODE_DISABLE_PROJECT_CONFIG"])
}

/**
 * The project's own folders, from the root of the worktree down to the project: the nearest wins. Without a
 * worktree (OpenCode gives `/` outside of git) it is the project folder alone.
 */
export function projectDirectories(directory: string, worktree: string | undefined): readonly string[] {
  const nearest = resolve(directory)
  if (worktree === undefined || worktree === "" || dirname(resolve(worktree)) === resolve(worktree))
    return [nearest]
  const root = resolve(worktree)
  const inside = relative(root, nearest)
  if (inside.startsWith("..") || isAbsolute(inside)) return [root, nearest]
  return foldersTo(nearest, root)
}

function foldersTo(nearest: string, root: string): readonly string[] {
  const directories = [nearest]
  for (let at = nearest; at !== root; at = dirname(at)) directories.unshift(dirname(at))
  return directories
}

export type SettingsPlaces = {
  /** Our own files in the user's folders, lowest rank first. */
  readonly userFiles: readonly string[]
  /** Our own files that came with the project, lowest rank first; they outrank the user's. */
  readonly projectFiles: readonly string[]
  /** OpenCode's own files, highest rank first: only to tell where an agent's key stands. */
  readonly openCodeFiles: readonly string[]
  /** The same with the one that only version 1 reads, the weakest of all (1.18.33). */
  readonly openCode1Files: readonly string[]
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
  const isRead = readsProject(env)
  const project = isRead ? projectDirectories(directory, worktree) : []
  const folders = configDirectories(env, home)
  const read =
    version === 1 ? readBy1(folders, project, home) : readBy2(folders, isRead ? directory : undefined)
  return { ...settingsPlaces(folders, project, env["OPENCODE_CONFIG"], read), content: env[contentVariable] }
}

/** What OpenCode itself reads, lowest rank first. */
type Read = {
  readonly user: readonly string[]
  /** Here its files stand in the folders themselves. */
  readonly project: readonly string[]
  /** Folders of configuration that outrank these. */
  readonly config: readonly string[]
}

const configIn = (folders: readonly string[]): readonly string[] =>
  folders.map((folder) => join(folder, ".opencode"))

/** The user's own `.opencode` outranks a project's, and of these the outermost wins (1.18.34, ConfigPaths). */
function readBy1(folders: readonly string[], project: readonly string[], home: string): Read {
  const config = [...configIn(project).toReversed(), join(home, ".opencode"), ...folders.slice(1)]
  return { user: folders.slice(0, 1), project, config }
}

/** All folders above the project count, and the user's own `.opencode` as one of them (2.0.15, ConfigDiscovery). */
function readBy2(folders: readonly string[], directory: string | undefined): Read {
  const nearest = directory === undefined ? undefined : resolve(directory)
  const project = nearest === undefined ? [] : foldersTo(nearest, parse(nearest).root)
  return { user: folders.slice(-1), project, config: configIn(project) }
}

/** A configuration of OpenCode's that is in no file; it is named like one. */
export const contentVariable = "OPENCODE_CONFIG_CONTENT"

/** OpenCode's own texts and where they are, the strongest first. */
export async function openCodeTexts(
  { content, openCode1Files }: Pick<SettingsPlaces, "content" | "openCode1Files">,
  read: ReadText,
) {
  const files = openCode1Files.map(async (file) => ({ file, text: await read(file) }))
  return [{ file: contentVariable, text: content }, ...(await Promise.all(files))]
}

/** Within a folder of configuration, highest rank first. */
const agentFolderNames = ["modes", "mode", "agents", "agent"]

/** @param named the file that `OPENCODE_CONFIG` names: it stands between the user's own and the project's */
export function settingsPlaces(
  configFolders: readonly string[],
  projectFolders: readonly string[],
  named?: string,
  read: Read = { user: configFolders, project: projectFolders, config: configIn(projectFolders) },
): SettingsPlaces {
  const folders = [...new Set([...read.user, ...read.config])].toReversed()
  const json = (name: string) => (folder: string) => [
    join(folder, `${name}.json`),
    join(folder, `${name}.jsonc`),
  ]
  const openCodeFiles = [
    ...read.user.flatMap(json("opencode")),
    ...(named === undefined || named === "" ? [] : [named]),
    ...[...read.project, ...new Set(read.config)].flatMap(json("opencode")),
  ].toReversed()
  return {
    userFiles: configFolders.flatMap(json("understudy")),
    // A folder that the user has named as a folder of configuration is the user's.
    projectFiles: configIn(projectFolders)
      .filter((folder) => !configFolders.includes(folder))
      .flatMap(json("understudy")),
    openCodeFiles,
    openCode1Files: [
      ...openCodeFiles,
      ...configFolders.slice(0, 1).map((folder) => join(folder, "config.json")),
    ],
    configFolders: folders,
    agentFolders: folders.flatMap((folder) => agentFolderNames.map((name) => join(folder, name))),
  }
}
