import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { readTextFile } from "./read-text-file.ts"
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

/** The lines of a Markdown file's front matter, with the `---` that it begins with; none where it has none. */
export function frontMatterLines(text: string): readonly string[] {
  const lines = text.split("\n")
  if (lines[0]?.replace("\uFEFF", "").trimEnd() !== "---") return []
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---")
  return lines.slice(0, Math.max(0, end))
}

/** The key that a line of front matter begins with, at the top level. */
export function frontMatterKey(line: string): string | undefined {
  return /^(["']?)([\w-]+)\1\s*:/.exec(line)?.[2]
}

/** Reads several documents; nothing for one that is no YAML. Never rejects: nothing at all where nobody can read them. */
export type ReadYaml = (sources: readonly string[]) => Promise<readonly unknown[]>

/** What stands in front of the Markdown of each agent, lowest rank first. What cannot be read says nothing. */
export async function markdownAgents(
  places: SettingsPlaces,
  readYaml: ReadYaml,
): Promise<readonly (readonly [name: string, settings: unknown])[]> {
  const files = (await agentFiles(places)).toReversed()
  const texts = await Promise.all(files.map(({ path }) => readTextFile(path).catch(() => undefined)))
  const inFront = texts.map((text) => frontMatterLines(text ?? "").slice(1))
  const read = await readYaml(inFront.map((lines) => lines.join("\n")))
  return files.map(({ name }, index) => [name, read[index]])
}
