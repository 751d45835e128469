import { type AgentFile, agentFiles, frontMatter } from "../../../config/agent-files.ts"
import type { FillInUser } from "../../../config/fill-in.ts"
import { readConfigs } from "../../../config/read-configs.ts"
import { readTextFile } from "../../../config/read-text-file.ts"
import type { SettingsPlaces } from "../../../config/settings-places.ts"
import { type AgentSettings, takeAgentSettings } from "../../../config/take-agent-settings.ts"

/**
 * Our keys on agents (`fallback_models`, `category`). OpenCode 2 drops keys that it does not know and gives plugins
 * no configuration, so that the user's files are read again: those of OpenCode, in the shapes of both versions, and
 * the agents in Markdown. What cannot be read there is OpenCode's to report.
 */
export async function readAgentSettings(places: SettingsPlaces, user: FillInUser): Promise<AgentSettings> {
  const read = await readConfigs(places, places.openCodeFiles, user)
  const [content, ...documents] = read.map(({ value }) => value)
  const markdown = await Promise.all((await agentFiles(places)).map(readMarkdown))
  const all = [...documents.toReversed(), ...markdown.toReversed(), content]
  return all.map(takeAgentSettings).reduce(mergeAgents, {})
}

function mergeAgents(below: AgentSettings, above: AgentSettings): AgentSettings {
  const names = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...names].map((name) => [name, { ...below[name], ...above[name] }]))
}

async function readMarkdown({ name, path }: AgentFile): Promise<unknown> {
  const text = await readTextFile(path).catch(() => undefined)
  return { agent: { [name]: parseYaml(frontMatter(text ?? "")) } }
}

function parseYaml(source: string): unknown {
  try {
    return Bun.YAML.parse(source)
  } catch {
    // OpenCode says itself what is wrong with an agent's file.
    return undefined
  }
}
