import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { SettingsPlaces } from "./settings-places.ts"

/** An agent with a Markdown file of its own: `agent/review/security.md` is the agent `review/security`. */
export type AgentFile = { readonly name: string; readonly path: string }

/** The agents in Markdown, highest rank first. A folder that cannot be read holds none. */
export async function agentFiles({ agentFolders }: SettingsPlaces): Promise<readonly AgentFile[]> {
  const found = await Promise.all(
    agentFolders.map(async (folder) => {
      const files = await readdir(folder, { recursive: true }).catch(() => [])
      const agents = files.filter((file) => file.endsWith(".md")).toSorted()
      return agents.map((file) => ({
        name: file.slice(0, -".md".length).replaceAll("\\", "/"),
        path: join(folder, file),
      }))
    }),
  )
  return found.flat()
}
