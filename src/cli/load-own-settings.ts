import { type LoadedSettings, loadSettings } from "../config/load-settings.ts"
import type { JsonObject } from "../core/json-object.ts"
import { readTextFile } from "../config/read-text-file.ts"
import { placesFor, type SettingsPlaces } from "../config/settings-places.ts"
import { takeAgentSettings, type AgentSettings } from "../config/take-agent-settings.ts"
import { type BrokenFile, brokenFiles } from "./opencode/broken-files.ts"
import { readConfigFiles } from "./opencode/read-config-files.ts"
import { isOurs, type PluginEntry, pluginEntries } from "./opencode/plugin-entries.ts"
import type { Terminal } from "./terminal/terminal.ts"
import { findWorktree } from "./opencode/find-worktree.ts"
import type { Result } from "./result.ts"

/** The settings as the plugin would read them in this project, and where they were looked for. */
export type OwnSettings = LoadedSettings & {
  readonly places: SettingsPlaces
  readonly plugins: readonly PluginEntry[]
  /** OpenCode's configuration, without our keys. */
  readonly config: JsonObject
  readonly agentSettings: AgentSettings
  /** OpenCode's own files that cannot be read; it does not start with them. */
  readonly broken: readonly BrokenFile[]
}

/**
 * @param asked OpenCode's own merged configuration; where it has given none its files are read
 */
export async function loadOwnSettings(
  terminal: Pick<Terminal, "env" | "home" | "directory">,
  asked?: Result<JsonObject>,
): Promise<OwnSettings> {
  const { env, directory } = terminal
  const places = placesFor({ ...terminal, worktree: await findWorktree(directory) })
  const content = env["OPENCODE_CONFIG_CONTENT"]
  const config = structuredClone(asked?.ok ? asked.value : await readConfigFiles(places, content))
  const plugins = await pluginEntries(config, directory)
  const agentSettings = takeAgentSettings(config)
  const loaded = await loadSettings({
    places,
    pluginOptions: plugins.find(isOurs)?.options,
    agentSettings,
    readFile: readTextFile,
  })
  const broken = await brokenFiles(places.openCodeFiles)
  return { ...loaded, places, plugins, config, agentSettings, broken }
}

/** Names each of OpenCode's files that cannot be read: whatever a command says next is said without it. */
export function noteBrokenFiles({ note, colors }: Pick<Terminal, "note" | "colors">, own: OwnSettings): void {
  for (const { where, why } of own.broken)
    note(`${colors.red("understudy:")} ${where}: OpenCode cannot read this file: ${why}.`)
}
