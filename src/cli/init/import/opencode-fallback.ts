import { mergeSettings } from "../../../config/merge-settings.ts"
import type { JsonObject } from "../../../core/json-object.ts"
import { type NotImported, type Translated, withoutEmpty } from "./imported-settings.ts"
import { translateModels } from "./translate-models.ts"
import { translateRuntime } from "./translate-runtime.ts"

/** opencode-fallback: a global list, and beside it what belongs into `runtime_fallback`. */
export function translateOpenCodeFallback(document: JsonObject): Translated {
  const { fallback_models: written, $schema: _, ...runtime } = document
  const translated = translateRuntime(runtime, "")
  const notImported: NotImported[] = [...translated.notImported]
  const fallback_models = translateModels(written, "fallback_models", notImported)
  return { settings: mergeSettings(translated.settings, withoutEmpty({ fallback_models })), notImported }
}
