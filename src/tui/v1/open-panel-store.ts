import { loadSettings } from "../../config/load-settings.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { placesFor } from "../../config/settings-places.ts"
import { thisUser } from "../../config/this-user.ts"
import { openStore } from "../../store/open-store.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import type { Store, StoreLog } from "../../store/store.ts"

/**
 * The store that the plugin's server side writes to, or `undefined` where there is nothing to read: with
 * `"store": "memory"` nothing leaves the server.
 */
export async function openPanelStore(project: {
  readonly directory: string
  readonly worktree: string
  readonly pluginOptions: unknown
  readonly log: StoreLog
}): Promise<Store | undefined> {
  const user = thisUser()
  const { settings } = await loadSettings({
    places: placesFor({ ...project, ...user, version: 1 }),
    pluginOptions: project.pluginOptions,
    readFile: readTextFile,
  })
  const { enabled, store: setting, max_cooldown_seconds } = settings.runtime_fallback
  if (!enabled || setting === "memory") return undefined
  const store = await openStore(setting, {
    log: project.log,
    now: Date.now,
    random: Math.random,
    longestCooldownMs: max_cooldown_seconds * 1_000,
    stateDirectory: stateDirectory(user),
  })
  await store.ready
  return store
}
