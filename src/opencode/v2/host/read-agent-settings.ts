import type { FillInUser } from "../../../config/fill-in.ts"
import { readConfigs } from "../../../config/read-configs.ts"
import type { SettingsPlaces } from "../../../config/settings-places.ts"
import { agentSettingsIn, type AgentSettings } from "../../../config/take-agent-settings.ts"

/**
 * Our keys on agents (`fallback_models`, `category`). OpenCode 2 drops keys that it does not know and gives plugins
 * no configuration, so that the user's files are read again: those of OpenCode, in the shapes of both versions, and
 * the agents in Markdown. What cannot be read there is OpenCode's to report.
 */
export async function readAgentSettings(places: SettingsPlaces, user: FillInUser): Promise<AgentSettings> {
  const { configs } = await readConfigs(places, user, async (sources) => sources.map(parseYaml))
  return agentSettingsIn(configs)
}

function parseYaml(source: string): unknown {
  try {
    return Bun.YAML.parse(source)
  } catch {
    // OpenCode says itself what is wrong with an agent's file.
    return undefined
  }
}
