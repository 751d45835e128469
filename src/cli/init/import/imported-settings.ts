import type { JsonObject } from "../../../core/json-object.ts"

/** What of another plugin's settings stays behind, and why. */
export type NotImported = { readonly path: string; readonly why: string }

/** Another plugin's settings in our words. */
export type ImportedSettings = {
  readonly title: string
  /** The file, or the plugin's entry in opencode.json. */
  readonly from: string
  /** As in understudy.jsonc. */
  readonly settings: JsonObject
  readonly notImported: readonly NotImported[]
}

export type Translated = Pick<ImportedSettings, "settings" | "notImported">

/** The keys under which something stands: an empty list or object would say something of its own. */
export function withoutEmpty(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => Object.keys(Object(value)).length > 0),
  )
}

export const noEquivalent = "there is no equivalent here"
