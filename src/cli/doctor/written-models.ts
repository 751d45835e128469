import { modelLists } from "../../config/lint-settings.ts"
import type { Settings } from "../../config/schema.ts"
import type { SettingsPath } from "../../config/settings-problem.ts"

/** A model that the settings name. */
export type WrittenModel = {
  readonly text: string
  /** The reasoning variant that is written with it. */
  readonly variant?: string | undefined
  readonly path: SettingsPath
}

/** Every entry of a list, every category's model, and every model that a list is set for. */
export function writtenModels(settings: Settings): readonly WrittenModel[] {
  return [
    ...modelLists(settings).flatMap(([path, list]) =>
      list.map(({ model, variant }, index) => ({ text: model, variant, path: [...path, index] })),
    ),
    ...Object.entries(settings.categories).flatMap(([name, { model, variant }]) =>
      model === undefined ? [] : [{ text: model, variant, path: ["categories", name, "model"] }],
    ),
    ...Object.keys(settings.models).map((model) => ({ text: model, path: ["models", model] })),
  ]
}
