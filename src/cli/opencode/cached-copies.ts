import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { text } from "../../core/json-object.ts"
import type { UserFolders } from "../terminal/terminal.ts"
import { packageFacts } from "./package-facts.ts"
import { readJsonFile } from "./read-json-file.ts"

export type CachedCopy = Awaited<ReturnType<typeof copyIn>>

/**
 * The copies in OpenCode's cache. Version 1 keeps one for each spec in `packages/` and never looks for a newer one;
 * version 2 keeps them in `npm/`, one folder for each time it has installed them.
 */
export async function cachedCopies({ env, home }: UserFolders): Promise<readonly CachedCopy[]> {
  const cache = join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "opencode")
  const folders = ["packages", "npm"].map(async (kind): Promise<readonly CachedCopy[]> => {
    const names = await readdir(join(cache, kind)).catch(() => [])
    const ours = names.filter(
      (name) => name === packageFacts.name || name.startsWith(`${packageFacts.name}@`),
    )
    return Promise.all(ours.map((spec) => copyIn(join(cache, kind, spec), spec)))
  })
  return (await Promise.all(folders)).flat()
}

/** @param spec what it was installed for: `opencode-understudy@0.1.0`, or `opencode-understudy@latest` for a bare name */
async function copyIn(folder: string, spec: string) {
  const times = await readdir(folder).catch(() => [])
  // The newest installation is the one that is loaded.
  const inside = ["", ...times.toSorted((a, b) => a.localeCompare(b))].toReversed()
  for (const time of inside) {
    const file = join(folder, time, "node_modules", packageFacts.name, "package.json")
    const version = text(await readJsonFile(file), "version")
    if (version !== undefined) return { folder, spec, version }
  }
  return { folder, spec, version: undefined }
}

/** The spec under which OpenCode keeps what a list names. */
export function cachedSpec(listed: string): string {
  return listed === packageFacts.name ? `${packageFacts.name}@latest` : listed
}
