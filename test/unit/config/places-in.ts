import { join } from "node:path"
import type { SettingsPlaces } from "../../../src/config/settings-places.ts"

/** The places in these folders alone, without what each version of OpenCode reads beside them. */
export function placesIn(
  configFolders: readonly string[],
  projectFolders: readonly string[],
  named: readonly string[] = [],
): SettingsPlaces {
  const own = projectFolders.map((folder) => join(folder, ".opencode"))
  const json = (name: string) => (folder: string) =>
    [".json", ".jsonc"].map((ending) => join(folder, name + ending))
  const folders = [...configFolders, ...own].toReversed()
  return {
    userFiles: configFolders.flatMap(json("understudy")),
    projectFiles: own.flatMap(json("understudy")),
    openCodeFiles: [
      ...configFolders.flatMap(json("opencode")),
      ...named,
      ...[...projectFolders, ...own].flatMap(json("opencode")),
    ].toReversed(),
    configFolders: folders,
    agentFolders: folders.flatMap((folder) =>
      ["modes", "mode", "agents", "agent"].map((name) => join(folder, name)),
    ),
  }
}
