import { type AgentFile, agentFiles, frontMatter } from "../../../config/agent-files.ts"
import { fillIn, type FillInUser } from "../../../config/fill-in.ts"
import { parseJsonDocument } from "../../../config/json-document.ts"
import { readTextFile } from "../../../config/read-text-file.ts"
import { contentVariable, type SettingsPlaces } from "../../../config/settings-places.ts"
import { type AgentSettings, takeAgentSettings } from "../../../config/take-agent-settings.ts"
import { field } from "../../../core/json-object.ts"

/**
 * Our keys on agents (`fallback_models`, `category`). OpenCode 2 drops keys that it does not know and gives plugins
 * no configuration, so that the user's files are read again: those of OpenCode, in the shapes of both versions, and
 * the agents in Markdown. What cannot be read there is OpenCode's to report.
 */
export async function readAgentSettings(places: SettingsPlaces, user: FillInUser): Promise<AgentSettings> {
  const content = readConfig(contentVariable, Promise.resolve(places.content), user)
  const documents = places.openCodeFiles
    .toReversed()
    .map((file) => readConfig(file, readTextFile(file), user))
  const files = (await agentFiles(places)).toReversed()
  const all = await Promise.all([...documents, ...files.map(readMarkdown), content])
  return all.map(takeAgentSettings).reduce(mergeAgents, {})
}

function mergeAgents(below: AgentSettings, above: AgentSettings): AgentSettings {
  const names = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...names].map((name) => [name, { ...below[name], ...above[name] }]))
}

/** `undefined` for what is no JSON. */
async function readConfig(
  file: string,
  reading: Promise<string | undefined>,
  user: FillInUser,
): Promise<unknown> {
  const text = await quietly(reading.then((written = "") => fillIn(written, file, user)))
  return field(parseJsonDocument(text ?? ""), "value")
}

async function readMarkdown({ name, path }: AgentFile): Promise<unknown> {
  const text = await quietly(readTextFile(path))
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
