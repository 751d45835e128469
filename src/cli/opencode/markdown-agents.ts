import { agentFiles } from "../../config/agent-files.ts"
import { frontMatter } from "../../config/front-matter.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import type { SettingsPlaces } from "../../config/settings-places.ts"
import { isObject, type JsonObject } from "../../core/json-object.ts"
import type { ReadYaml } from "./read-yaml.ts"

/** The agents in Markdown, as they would stand in `opencode.json`. What cannot be read is left out. */
export async function markdownAgents(places: SettingsPlaces, readYaml: ReadYaml): Promise<JsonObject> {
  const files = (await agentFiles(places)).toReversed()
  const texts = await Promise.all(files.map(({ path }) => readTextFile(path).catch(() => undefined)))
  const agents = await readYaml(texts.map((text) => frontMatter(text ?? "")))
  return Object.fromEntries(
    files.flatMap(({ name }, index) => (isObject(agents[index]) ? [[name, agents[index]] as const] : [])),
  )
}
