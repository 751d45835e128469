import { type AgentFile, agentFiles, frontMatter } from "../../../config/agent-files.ts"
import { parseJsonDocument } from "../../../config/json-document.ts"
import type { ReadText } from "../../../config/read-text-file.ts"
import type { SettingsPlaces } from "../../../config/settings-places.ts"
import { type AgentSettings, takeAgentSettings } from "../../../config/take-agent-settings.ts"
import { field } from "../../../core/json-object.ts"

/**
 * Our keys on agents (`fallback_models`, `category`). OpenCode 2 drops keys that it does not know and gives plugins
 * no configuration, so that the user's files are read again: those of OpenCode, in the shapes of both versions, and
 * the agents in Markdown. What cannot be read there is OpenCode's to report.
 */
export async function readAgentSettings(places: SettingsPlaces, read: ReadText): Promise<AgentSettings> {
  const documents = await Promise.all(places.openCodeFiles.toReversed().map((file) => readConfig(file, read)))
  const files = (await agentFiles(places)).toReversed()
  const markdown = await Promise.all(files.map((file) => readMarkdown(file, read)))
  return [...documents, ...markdown, valueIn(places.content ?? "")]
    .map(takeAgentSettings)
    .reduce(mergeAgents, {})
}

function mergeAgents(below: AgentSettings, above: AgentSettings): AgentSettings {
  const names = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...names].map((name) => [name, { ...below[name], ...above[name] }]))
}

async function readConfig(file: string, read: ReadText): Promise<unknown> {
  return valueIn((await quietly(read(file))) ?? "")
}

/** `undefined` for what is no JSON. */
function valueIn(text: string): unknown {
  return field(parseJsonDocument(text), "value")
}

async function readMarkdown({ name, path }: AgentFile, read: ReadText): Promise<unknown> {
  const text = await quietly(read(path))
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

async function quietly<Value>(reading: Promise<Value>): Promise<Value | undefined> {
  return reading.catch(() => undefined)
}
