import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import { delimiter, join, resolve } from "node:path"
import { CommandError } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"

type Place = Pick<Terminal, "home" | "platform" | "directory" | "env">

/**
 * OpenCode's binary: the shell's first, then those where its installers put it.
 *
 * @param chosen a path given by hand: it is taken as it is
 * @returns an absolute path; `undefined` when there is none
 * @throws CommandError when what was chosen cannot be run
 */
export async function findOpenCode(place: Place, chosen?: string): Promise<string | undefined> {
  if (chosen === undefined) {
    const names = place.platform === "win32" ? ["opencode.exe", "opencode.cmd"] : ["opencode"]
    return firstProgram([...pathFolders(place), ...usualFolders(place)], names)
  }
  const path = resolve(place.directory, chosen)
  if (await isProgram(path)) return path
  throw new CommandError(`--opencode ${chosen}: not a program that you can run.`)
}

/** The `bun` that the shell would find. */
export function findBun(place: Pick<Place, "platform" | "env">): Promise<string | undefined> {
  return firstProgram(pathFolders(place), [place.platform === "win32" ? "bun.exe" : "bun"])
}

function pathFolders({ env }: Pick<Place, "env">): readonly string[] {
  return (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((folder) => folder !== "")
}

/** Folders beside the PATH where OpenCode's installers put it. */
function usualFolders({ home, platform, directory, env }: Place): readonly string[] {
  const own = [join(home, ".opencode", "bin"), join(home, ".local", "bin"), join(home, ".bun", "bin")]
  const project = join(directory, "node_modules", ".bin")
  if (platform === "win32")
    return [...own, join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "npm"), project]
  return [...own, "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin", project]
}

async function firstProgram(
  folders: readonly string[],
  names: readonly string[],
): Promise<string | undefined> {
  for (const folder of folders)
    for (const name of names) {
      const path = resolve(folder, name)
      if (await isProgram(path)) return path
    }
  return undefined
}

/** What is not there, or not for us, is none: the next candidate counts. */
async function isProgram(path: string): Promise<boolean> {
  const found = await access(path, constants.X_OK)
    .then(() => stat(path))
    .catch(() => undefined)
  return found?.isFile() === true
}
