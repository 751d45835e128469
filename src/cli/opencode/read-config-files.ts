import type { ReadText } from "../../config/agent-key-position.ts"
import { parseJsonDocument } from "../../config/json-document.ts"
import { mergeSettings } from "../../config/merge-settings.ts"
import { isObject, type JsonObject } from "../../config/prune-invalid.ts"
import type { SettingsPlaces } from "../../config/settings-places.ts"

/**
 * OpenCode's configuration from its files alone, for when OpenCode cannot be asked: agents from Markdown,
 * remote configuration and what plugins add are missing. Lists of plugins add up over the files, as in
 * OpenCode; everything else is replaced by the higher file.
 */
export async function readConfigFiles(places: SettingsPlaces, read: ReadText): Promise<JsonObject> {
  let merged: JsonObject = {}
  for (const file of places.openCodeFiles.toReversed()) {
    const text = await read(file).catch(() => undefined)
    const document = text === undefined ? undefined : parseJsonDocument(text)
    if (!document?.ok || !isObject(document.value)) continue
    const plugin = [...listOf(merged["plugin"]), ...listOf(document.value["plugin"])]
    merged = { ...mergeSettings(merged, document.value), ...(plugin.length > 0 && { plugin }) }
  }
  return merged
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
