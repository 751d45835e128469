import { lstatSync } from "node:fs"
import { basename, dirname, join, resolve } from "node:path"
import { agentFiles, frontMatterKey, frontMatterLines } from "../../config/agent-files.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import type { SettingsPlaces } from "../../config/settings-places.ts"
import { isAgentKey } from "../../config/take-agent-settings.ts"
import { field, ownValue } from "../../core/json-object.ts"
import type { OwnSettings } from "../installation/load-own-settings.ts"
import type { Terminal } from "../terminal/terminal.ts"

/**
 * Our keys in the front matter of agents that did not arrive: OpenCode 1 takes what is no YAML for a part of the prompt,
 * without a word (1.18.33).
 */
export async function unreadFrontMatter({ places, agentSettings }: OwnSettings): Promise<readonly string[]> {
  const files = await agentFiles(places)
  const unread = files.map(async ({ name, path }) => {
    const text = await readTextFile(path).catch(() => undefined)
    const arrived = Object.keys(ownValue(agentSettings, name) ?? {})
    return frontMatterLines(text ?? "").flatMap((line, index) => {
      const key = frontMatterKey(line)
      const isUnread = key !== undefined && isAgentKey(key) && !arrived.includes(key)
      return isUnread ? [`${path}:${index + 1}, ${key}`] : []
    })
  })
  return (await Promise.all(unread)).flat()
}

/** The file that `OPENCODE_CONFIG` names, where there is none: OpenCode starts without it, without a word (1.18.33, 2.0.15). */
export function findMissingConfig({
  env,
  directory,
}: Pick<Terminal, "env" | "directory">): string | undefined {
  const named = env["OPENCODE_CONFIG"]
  if (named === undefined || named === "") return undefined
  const file = resolve(directory, named)
  return isThere(file) ? undefined : file
}

/** Project settings that lie in the project itself: they are read from its `.opencode` alone, where they are `expected`. */
export function findStrayFiles({ projectFiles, userFiles }: SettingsPlaces) {
  return projectFiles
    .map((expected) => ({ path: join(dirname(dirname(expected)), basename(expected)), expected }))
    .filter(({ path }) => !userFiles.includes(path) && isThere(path))
}

/** One that cannot be read is there, too, and is a finding of its own. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch (error) {
    return field(error, "code") !== "ENOTDIR"
  }
}
