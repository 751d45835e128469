import { frontMatterEnd, frontMatterKey } from "../../config/front-matter.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { agentPlaces, isAgentKey } from "../../config/take-agent-settings.ts"
import { asObject } from "../../core/json-object.ts"
import { field } from "../../core/read-field.ts"
import { removeKey } from "../changes/edit-json.ts"

/** Takes our keys off every agent of an `opencode.json`; left behind they travel to the provider. */
export function withoutAgentKeys(text: string): string {
  const document = parseJsonDocument(text)
  if (!document.ok) return text
  return agentKeyPaths(document.value).reduce(removeKey, text)
}

function agentKeyPaths(config: unknown): readonly (readonly string[])[] {
  const ours = (holder: unknown) => Object.keys(asObject(holder)).filter(isAgentKey)
  return agentPlaces.flatMap((place) =>
    Object.entries(asObject(field(config, place))).flatMap(([name, agent]) => [
      ...ours(agent).map((key) => [place, name, key]),
      ...ours(field(agent, "options")).map((key) => [place, name, "options", key]),
    ]),
  )
}

/** The same in the front matter of an agent's Markdown file: a key goes with the lines that are indented under it. */
export function withoutFrontMatterKeys(text: string): string {
  const lines = text.split("\n")
  const end = frontMatterEnd(lines)
  let isLeaving = false
  const kept = lines.filter((line, index) => {
    if (index === 0 || index >= end) return true
    const key = frontMatterKey(line)
    // A list may stand under its key without indentation.
    if (key !== undefined) isLeaving = isAgentKey(key)
    else if (isLeaving && line.trim() !== "" && !/^(?:\s|- )/.test(line)) isLeaving = false
    return !isLeaving
  })
  return kept.join("\n")
}
