import { basename, dirname, join } from "node:path"
import { readTextFile } from "../../config/read-text-file.ts"
import type { SettingsPlaces } from "../../config/settings-places.ts"

/** A file of our settings that lies beside the folder from which it would be read. */
type StrayFile = { readonly path: string; readonly expected: string }

/** Looks for a project's settings in the project itself: they are read from its `.opencode` alone. */
export async function findStrayFiles(places: SettingsPlaces): Promise<readonly StrayFile[]> {
  const candidates = places.projectFiles
    .map((expected) => ({ path: join(dirname(dirname(expected)), basename(expected)), expected }))
    .filter(({ path }) => !places.userFiles.includes(path))
  const found = await Promise.all(
    candidates.map(async (candidate) => {
      // One that cannot be read is there, too.
      const text = await readTextFile(candidate.path).catch(() => "")
      return text === undefined ? [] : [candidate]
    }),
  )
  return found.flat()
}
