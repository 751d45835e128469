import { parseJsonText } from "../core/json-object.ts"
import { parseJsonDocument } from "./json-document.ts"
import { mostFaults } from "./prune-invalid.ts"
import type { ReadText } from "./read-text-file.ts"
import { openCodeTexts, type SettingsPlaces } from "./settings-places.ts"
import { pathText, type SettingsProblem } from "./settings-problem.ts"
import { misplacedIn, misplacedKeyNames } from "./take-agent-settings.ts"

/**
 * Keys of ours in OpenCode's own configuration where nobody reads them: OpenCode 1.18.33 drops unknown keys at the
 * top level, on commands and on models without a word, and the user wonders why nothing happens.
 */
export async function misplacedKeys(
  places: SettingsPlaces,
  read: ReadText,
): Promise<readonly SettingsProblem[]> {
  const problems: SettingsProblem[] = []
  for (const { file, text } of await openCodeTexts(places, read)) {
    if (text === undefined || isClean(text)) continue
    const document = parseJsonDocument(text)
    if (!document.ok) continue
    for (const { path } of misplacedIn(document.value).slice(0, mostFaults))
      problems.push({
        code: "key-does-nothing",
        source: { from: "file", file, ...(document.locate(path, "key") ?? { line: 1, column: 1 }) },
        path: pathText(path),
        found: "a key that is not read here",
        allowed:
          "Allowed in opencode.json: fallback_models and category on an agent. Everything else belongs in understudy.jsonc or the plugin's options.",
        effect: "It is ignored.",
      })
  }
  return problems
}

/**
 * Whether the text has none of these keys, for sure. This is asked at each start, and reading with positions takes
 * 100 ms where a file lists thousands of models.
 */
function isClean(text: string): boolean {
  if (!misplacedKeyNames.some((key) => text.includes(`"${key}"`))) return true
  // With comments it is no JSON.
  const config = parseJsonText(text)
  return config !== undefined && misplacedIn(config).length === 0
}
