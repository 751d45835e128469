import { stat } from "node:fs/promises"
import { dirname, join } from "node:path"

/** The folder that holds `.git`, at or above `directory`; `undefined` outside of git, as for OpenCode's `/`. */
export async function findWorktree(directory: string): Promise<string | undefined> {
  for (let at = directory; ; at = dirname(at)) {
    if (await stat(join(at, ".git")).catch(() => undefined)) return at
    if (dirname(at) === at) return undefined
  }
}
