import type { JsonObject } from "../../../core/json-object.ts"

/** What of another plugin's settings stays behind, and why. */
export type NotTaken = { readonly path: string; readonly why: string }

/** Another plugin's settings in our words. */
export type Takeover = {
  readonly title: string
  /** The file, or the plugin's entry in opencode.json. */
  readonly from: string
  /** As in understudy.jsonc. */
  readonly settings: JsonObject
  readonly notTaken: readonly NotTaken[]
}

/** One reader's answer: what its settings become. */
export type Translated = Pick<Takeover, "settings" | "notTaken">

export const noCounterpart = "it has no counterpart here"
