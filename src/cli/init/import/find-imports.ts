import { mergeSettings } from "../../../config/merge-settings.ts"
import { pruneInvalid } from "../../../config/prune-invalid.ts"
import { pathText } from "../../../config/settings-problem.ts"
import { isObject, type JsonObject } from "../../../core/json-object.ts"
import { knownPlugins, type KnownPlugin } from "../../installation/known-plugins.ts"
import type { OwnSettings } from "../../installation/load-own-settings.ts"
import { pluginFile } from "../../installation/other-plugins.ts"
import type { ImportedSettings, Translated } from "./imported-settings.ts"
import { translateOhMyOpenCode, translateSlim } from "./oh-my-opencode.ts"
import { translateOpenCodeFallback } from "./opencode-fallback.ts"

/** The settings of every other plugin that is listed, or whose file is there. */
export async function findImports(
  { plugins, places }: OwnSettings,
  home: string,
): Promise<readonly ImportedSettings[]> {
  const imports: ImportedSettings[] = []
  for (const known of knownPlugins) {
    const translate = translators[known.id]
    const { title } = known
    const found = await pluginFile(known, places, home)
    if (found) imports.push({ title, from: found.file, ...checked(translate(found.value)) })
    const entry = plugins.find(({ name }) => known.matches(name))
    if (entry && isObject(entry.options))
      imports.push({ title, from: `options of "${entry.spec}"`, ...checked(translate(entry.options)) })
  }
  return imports.filter(
    ({ settings, notImported }) => Object.keys(settings).length > 0 || notImported.length > 0,
  )
}

const translators: Readonly<Record<KnownPlugin["id"], (settings: JsonObject) => Translated>> = {
  "oh-my-opencode": translateOhMyOpenCode,
  "oh-my-opencode-slim": translateSlim,
  "opencode-fallback": translateOpenCodeFallback,
}

/** What our own schema refuses is not written: the plugin would only complain about it at its start. */
function checked({ settings, notImported }: Translated): Translated {
  const { valid, faults } = pruneInvalid(settings)
  const refused = faults.map((fault) => ({ path: pathText(fault.path), why: fault.allowed }))
  return { settings: valid, notImported: [...notImported, ...refused] }
}

/** All of them as one; of two that say something about the same key the first counts. */
export function mergeImports(imports: readonly ImportedSettings[]): JsonObject {
  return imports
    .map(({ settings }) => settings)
    .toReversed()
    .reduce<JsonObject>(mergeSettings, {})
}
