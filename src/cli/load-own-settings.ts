import { loadSettings } from "../config/load-settings.ts"
import type { JsonObject } from "../core/json-object.ts"
import { readTextFile } from "../config/read-text-file.ts"
import { placesFor } from "../config/settings-places.ts"
import { takeAgentSettings } from "../config/take-agent-settings.ts"
import { readConfigFiles } from "./opencode/read-config-files.ts"
import { isOurs, pluginEntries } from "./opencode/plugin-entries.ts"
import type { Terminal } from "./terminal/terminal.ts"
import { findWorktree } from "./opencode/find-worktree.ts"
import type { Result } from "./result.ts"

export type OwnSettings = Awaited<ReturnType<typeof loadOwnSettings>>

/**
 * The settings as the plugin would read them in this project, and where they were looked for.
 *
 * @param asked OpenCode's own merged configuration; where it has given none its files are read
 */
export async function loadOwnSettings(
  terminal: Pick<Terminal, "env" | "home" | "directory">,
  asked?: Result<JsonObject>,
) {
  const { env, directory } = terminal
  const places = placesFor({ ...terminal, worktree: await findWorktree(directory) })
  const content = env["OPENCODE_CONFIG_CONTENT"]
  const files = await readConfigFiles(places, content)
  const config = structuredClone(asked?.ok ? asked.value : files.config)
  const plugins = await pluginEntries(config, directory)
  const agentSettings = takeAgentSettings(config)
  const loaded = await loadSettings({
    places,
    pluginOptions: plugins.find(isOurs)?.options,
    agentSettings,
    readFile: readTextFile,
  })
  return {
    ...loaded,
    places,
    plugins,
    /** OpenCode's configuration, without our keys. */
    config,
    agentSettings,
    /** OpenCode's own files that cannot be read; it does not start with them. */
    broken: files.broken,
  }
}

/** Names each of OpenCode's files that cannot be read: whatever a command says next is said without it. */
export function noteBrokenFiles({ note, colors }: Pick<Terminal, "note" | "colors">, own: OwnSettings): void {
  for (const { where, why } of own.broken)
    note(`${colors.red("understudy:")} ${where}: OpenCode cannot read this file: ${why}.`)
}
