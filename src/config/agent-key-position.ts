import { join } from "node:path"
import { readDocument } from "./json-document.ts"
import type { ReadText } from "./read-text-file.ts"
import type { TextPosition } from "./json-document.ts"
import { agentPlaces } from "./take-agent-settings.ts"
import type { SettingsPlaces } from "./settings-places.ts"
import type { ProblemSource, SettingsPath } from "./settings-problem.ts"

/**
 * Where a key of an agent was written. OpenCode hands over the merged configuration without origins, so the
 * files are searched again, the strongest first, and only when there is a problem to report.
 *
 * @param path within the agent: `["fallback_models", 0]`.
 */
export async function agentKeyPosition(
  places: SettingsPlaces,
  agent: string,
  path: SettingsPath,
  read: ReadText,
): Promise<ProblemSource> {
  for (const folder of places.agentFolders) {
    const file = join(folder, `${agent}.md`)
    const at = frontMatterPosition(await read(file), String(path[0]))
    if (at !== undefined) return { from: "file", file, ...at }
  }
  for (const file of places.openCodeFiles) {
    const document = await readDocument(file, read)
    for (const place of agentPlaces.toReversed())
      for (const base of [
        [place, agent],
        [place, agent, "options"],
      ]) {
        const at =
          document?.locate([...base, ...path], "value") ??
          document?.locate([...base, ...path.slice(0, 1)], "value")
        if (at !== undefined) return { from: "file", file, ...at }
      }
  }
  return { from: "agent", agent }
}

/** The line of a top-level key between the first two `---` lines. */
function frontMatterPosition(text: string | undefined, key: string): TextPosition | undefined {
  const lines = text?.split("\n") ?? []
  if (lines[0]?.replace("\uFEFF", "").trimEnd() !== "---") return undefined
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---")
  const at = lines.findIndex((line, index) => index > 0 && index < end && line.startsWith(`${key}:`))
  return at === -1 ? undefined : { line: at + 1, column: 1 }
}
