import type { ReadText } from "./agent-key-position.ts"
import { parseJsonDocument } from "./json-document.ts"
import type { JsonDocument } from "./json-document.ts"
import { isObject } from "./json-object.ts"
import { mostProblems, valueAt } from "./prune-invalid.ts"
import type { SettingsPlaces } from "./settings-places.ts"
import { pathText } from "./settings-problem.ts"
import type { ProblemSource, SettingsProblem } from "./settings-problem.ts"

const topLevelKeys = ["runtime_fallback", "fallback_models", "categories"]

/**
 * Keys of ours in OpenCode's own files where nobody reads them: OpenCode 1.18.33 drops unknown keys at the
 * top level, on commands and on models without a word, and the user wonders why nothing happens.
 *
 * @param taken paths that did reach the `config` hook and were removed there.
 */
export async function misplacedKeys(
  places: SettingsPlaces,
  taken: readonly (readonly string[])[],
  read: ReadText,
): Promise<readonly SettingsProblem[]> {
  const problems: SettingsProblem[] = []
  const seen = new Set<string>()
  for (const file of places.openCodeFiles) {
    const text = await read(file)
    const document = text === undefined ? undefined : parseJsonDocument(text)
    if (document === undefined || !document.ok) continue
    for (const path of misplacedIn(document).slice(0, mostProblems)) {
      seen.add(pathText(path))
      problems.push(
        misplaced({ from: "file", file, ...(document.locate(path, "key") ?? { line: 1, column: 1 }) }, path),
      )
    }
  }
  for (const path of taken)
    if (!seen.has(pathText(path))) problems.push(misplaced({ from: "opencode config" }, path))
  return problems.slice(0, mostProblems)
}

function misplacedIn(document: JsonDocument & { readonly ok: true }): readonly (readonly string[])[] {
  if (!isObject(document.value)) return []
  const commands = isObject(document.value["command"]) ? document.value["command"] : {}
  return [
    ...topLevelKeys.map((key) => [key]),
    ...Object.keys(commands).map((name) => ["command", name, "fallback_models"]),
  ].filter((path) => valueAt(document.value, path) !== undefined)
}

function misplaced(source: ProblemSource, path: readonly string[]): SettingsProblem {
  return {
    code: "key-does-nothing",
    source,
    path: pathText(path),
    found: "a key that is not read here",
    allowed:
      "Allowed in opencode.json: fallback_models and category on an agent. Everything else belongs into understudy.jsonc or the plugin's options.",
    effect: "It is ignored.",
  }
}
