import { readTextFile } from "../../config/read-text-file.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { mergeSettings } from "../../config/merge-settings.ts"
import { asArray, isObject, type JsonObject } from "../../core/json-object.ts"
import type { SettingsPlaces } from "../../config/settings-places.ts"

/** Both words for the list of plugins: version 1 has `plugin`, version 2 has `plugins` and takes the other, too. */
const lists = ["plugin", "plugins"] as const

/**
 * OpenCode's configuration from its files alone, for when OpenCode cannot be asked: agents from Markdown,
 * remote configuration and what plugins add are missing. Lists of plugins add up over the files, as in
 * OpenCode; everything else is replaced by the higher file.
 *
 * @param content `OPENCODE_CONFIG_CONTENT`, which outranks every file
 */
export async function readConfigFiles(
  { openCodeFiles }: SettingsPlaces,
  content: string | undefined,
): Promise<JsonObject> {
  const files = openCodeFiles.toReversed().map((file) => readTextFile(file).catch(() => undefined))
  return [...(await Promise.all(files)), content].reduce(addConfig, {})
}

function addConfig(below: JsonObject, text: string | undefined): JsonObject {
  const document = text === undefined ? undefined : parseJsonDocument(text)
  if (!document?.ok || !isObject(document.value)) return below
  const { value } = document
  const added = lists.map((key) => [key, [...asArray(below[key]), ...asArray(value[key])]] as const)
  return {
    ...mergeSettings(below, value),
    ...Object.fromEntries(added.filter(([, list]) => list.length > 0)),
  }
}
