import { constants } from "node:fs"
import { access, stat } from "node:fs/promises"
import { delimiter, join } from "node:path"
import type { Terminal } from "../terminal/terminal.ts"

/** Folders beside the PATH where OpenCode's installers put it. */
function usualFolders({ home, platform, directory, env }: Place): readonly string[] {
  const own = [join(home, ".opencode", "bin"), join(home, ".local", "bin"), join(home, ".bun", "bin")]
  const project = join(directory, "node_modules", ".bin")
  if (platform === "win32")
    return [...own, join(env["APPDATA"] ?? join(home, "AppData", "Roaming"), "npm"), project]
  return [...own, "/usr/local/bin", "/opt/homebrew/bin", "/home/linuxbrew/.linuxbrew/bin", project]
}

type Place = Pick<Terminal, "home" | "platform" | "directory" | "env">

/** Candidates in the order in which they count; the shell's own order first. */
function openCodeCandidates(place: Place): readonly string[] {
  const names = place.platform === "win32" ? ["opencode.exe", "opencode.cmd"] : ["opencode"]
  const path = (place.env["PATH"] ?? place.env["Path"] ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "")
  const folders = [...new Set([...path, ...usualFolders(place)])]
  return folders.flatMap((folder) => names.map((name) => join(folder, name)))
}

export type FoundOpenCode = {
  readonly path: string
  /** Whether the shell would find it, too. */
  readonly isOnPath: boolean
}

/**
 * @param chosen a path given by hand: it is taken as it is, or nothing is
 * @returns `undefined` when there is none
 */
export async function findOpenCode(place: Place, chosen?: string): Promise<FoundOpenCode | undefined> {
  if (chosen !== undefined) return (await isProgram(chosen)) ? { path: chosen, isOnPath: true } : undefined
  const path = new Set((place.env["PATH"] ?? place.env["Path"] ?? "").split(delimiter))
  for (const candidate of openCodeCandidates(place))
    if (await isProgram(candidate))
      return {
        path: candidate,
        isOnPath: [...path].some((folder) => candidate.startsWith(join(folder, "/"))),
      }
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    // Not there, or not for us: the next candidate counts.
    return false
  }
}
