import { mergeSettings } from "../../../config/merge-settings.ts"
import { pruneInvalid } from "../../../config/prune-invalid.ts"
import { pathText } from "../../../config/settings-problem.ts"
import { isObject, type JsonObject } from "../../../core/json-object.ts"
import { knownPlugins, type KnownPlugin } from "../../installation/known-plugins.ts"
import type { OwnSettings } from "../../installation/load-own-settings.ts"
import { pluginFile } from "../../installation/other-plugins.ts"
import { translateFallbackPlugin } from "./fallback-plugins.ts"
import type { ImportedSettings, Translated } from "./imported-settings.ts"
import { translateOhMyOpenCode, translateSlim } from "./oh-my-opencode.ts"

/** The settings of every other plugin that is listed, or whose file is there. */
export async function findImports(
  { plugins, places }: OwnSettings,
  home: string,
): Promise<readonly ImportedSettings[]> {
  const imports: ImportedSettings[] = []
  const seen = new Set<string>()
  for (const known of knownPlugins) {
    const found = await pluginFile(known, places, home)
    if (found && !seen.has(found.file)) {
      seen.add(found.file)
      imports.push(translated(known, found.file, found.value))
    }
    const entry = plugins.find(({ name, spec }) => known.matches(name, spec))
    if (entry && isObject(entry.options))
      imports.push(translated(known, `options of "${entry.spec}"`, entry.options))
  }
  return imports.filter(
    ({ settings, notImported }) => Object.keys(settings).length > 0 || notImported.length > 0,
  )
}

function translated(known: KnownPlugin, from: string, value: JsonObject): ImportedSettings {
  const { settings, notImported } = translator(known)(value)
  // What our own schema refuses is not written: the plugin would only complain about it at its start.
  const { valid, faults } = pruneInvalid(settings)
  return {
    title: known.title,
    from,
    settings: valid,
    notImported: [
      ...notImported,
      ...faults.map((fault) => ({ path: pathText(fault.path), why: fault.allowed })),
    ],
  }
}

function translator({ id }: KnownPlugin): (settings: JsonObject) => Translated {
  if (id === "oh-my-opencode") return translateOhMyOpenCode
  return id === "oh-my-opencode-slim" ? translateSlim : translateFallbackPlugin
}

/** All of them as one; of two that say something about the same key the first counts. */
export function mergeImports(imports: readonly ImportedSettings[]): JsonObject {
  return imports
    .map(({ settings }) => settings)
    .toReversed()
    .reduce<JsonObject>(mergeSettings, {})
}
