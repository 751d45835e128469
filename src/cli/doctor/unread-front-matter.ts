import { agentFiles } from "../../config/agent-files.ts"
import { frontMatterEnd, frontMatterKey } from "../../config/front-matter.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { isAgentKey } from "../../config/take-agent-settings.ts"
import { ownValue } from "../../core/own-value.ts"
import type { OwnSettings } from "../load-own-settings.ts"

/**
 * Our keys in the front matter of agents that did not arrive: OpenCode 1 takes what is no YAML for a part of the prompt,
 * without a word (1.18.33).
 */
export async function unreadFrontMatter({ places, agentSettings }: OwnSettings): Promise<readonly string[]> {
  const files = await agentFiles(places)
  const unread = files.map(async ({ name, path }) => {
    const text = await readTextFile(path).catch(() => undefined)
    const lines = (text ?? "").split("\n")
    const arrived = Object.keys(ownValue(agentSettings.agents, name) ?? {})
    return lines.slice(0, frontMatterEnd(lines) + 1).flatMap((line, index) => {
      const key = frontMatterKey(line)
      const isUnread = key !== undefined && isAgentKey(key) && !arrived.includes(key)
      return isUnread ? [`${path}:${index + 1}, ${key}`] : []
    })
  })
  return (await Promise.all(unread)).flat()
}
