import { readdir, realpath } from "node:fs/promises"
import { join, relative } from "node:path"
import { readTextFile } from "./read-text-file.ts"
import type { SettingsPlaces } from "./settings-places.ts"
import { isAgentKey } from "./take-agent-settings.ts"

/** An agent with a Markdown file of its own: `agent/review/security.md` is the agent `review/security`. */
export type AgentFile = {
  readonly name: string
  readonly path: string
  /** The one of {@link SettingsPlaces.agentFolders} that holds it. */
  readonly folder: string
}

/** The agents in Markdown, highest rank first. A folder that cannot be read holds none. */
export async function agentFiles({
  agentFolders,
}: Pick<SettingsPlaces, "agentFolders">): Promise<readonly AgentFile[]> {
  const found = await Promise.all(
    agentFolders.map(async (folder) =>
      (await markdownIn(folder)).toSorted().map((path) => ({
        name: relative(folder, path).slice(0, -".md".length).replaceAll("\\", "/"),
        path,
        folder,
      })),
    ),
  )
  return found.flat()
}

/**
 * Not Node's own recursion: one folder that cannot be read would take all others with it, and so would a symbolic link
 * to a folder that it is in, which two of them make endless.
 *
 * @param holders the folders that this one is in, without symbolic links
 */
async function markdownIn(folder: string, holders: readonly string[] = []): Promise<readonly string[]> {
  const real = await realpath(folder).catch(() => undefined)
  if (real === undefined || holders.includes(real)) return []
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  const found = entries.map(async (entry): Promise<readonly string[]> => {
    const path = join(folder, entry.name)
    if (entry.name.endsWith(".md")) return [path]
    return entry.isFile() ? [] : markdownIn(path, [...holders, real])
  })
  return (await Promise.all(found)).flat()
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

/** What stands in front of the Markdown of each agent, as in a configuration of OpenCode's. What cannot be read says nothing. */
export async function markdownAgents(places: SettingsPlaces, readYaml: ReadYaml) {
  const files = await agentFiles(places)
  const texts = await Promise.all(files.map(({ path }) => readTextFile(path).catch(() => undefined)))
  const inFront = texts.map((text) => frontMatterLines(text ?? "").slice(1))
  const lenient = inFront.map((lines) => lines.map(withPlainText))
  const read = await readYaml([...inFront, ...lenient].map((lines) => lines.join("\n")))
  return files.map(({ name, folder: place }, index) => ({
    place,
    value: { agent: { [name]: read[index] ?? read[files.length + index] } },
  }))
}

/** As OpenCode reads on where that is no YAML: a value with a colon in it is a text (1.18.33, 2.0.15). Ours are none. */
function withPlainText(line: string): string {
  const [, key = "", value = ""] = /^([a-zA-Z_]\w*)\s*:\s*([^\s"'][^:]*:.*)$/.exec(line.trimEnd()) ?? []
  return key === "" || isAgentKey(key) ? line : `${key}: |-\n  ${value}`
}
