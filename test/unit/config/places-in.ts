import { join } from "node:path"
import type { SettingsPlaces } from "../../../src/config/settings-places.ts"

/** The places in these folders alone, ranked as by OpenCode 2, without what each version reads beside them. */
export function placesIn(
  configFolders: readonly string[],
  projectFolders: readonly string[],
  named: readonly string[] = [],
): SettingsPlaces {
  const own = projectFolders.map((folder) => join(folder, ".opencode"))
  const json = (name: string) => (folder: string) =>
    [".json", ".jsonc"].map((ending) => join(folder, name + ending))
  const folders = [...configFolders, ...own].toReversed()
  const agents = (folder: string) => ["agent", "agents", "mode", "modes"].map((name) => join(folder, name))
  const inFolder = (folder: string) => [...json("opencode")(folder), ...agents(folder)]
  return {
    userFiles: configFolders.flatMap(json("understudy")),
    projectFiles: own.flatMap(json("understudy")),
    openCodeFiles: [
      ...configFolders.flatMap(json("opencode")),
      ...named,
      ...[...projectFolders, ...own].flatMap(json("opencode")),
    ].toReversed(),
    configFolders: folders,
    agentFolders: folders.flatMap((folder) => agents(folder).toReversed()),
    ranked: [
      ...configFolders.flatMap(inFolder),
      ...named,
      ...projectFolders.flatMap(json("opencode")),
      ...own.flatMap(inFolder),
    ].toReversed(),
  }
}
