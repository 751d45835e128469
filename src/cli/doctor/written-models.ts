import { modelLists } from "../../config/lint-settings.ts"
import { pathText, type SettingsPath } from "../../config/settings-problem.ts"
import type { LoadedSettings } from "../../config/load-settings.ts"
import { placeOf } from "./finding.ts"

/** A model that the settings in force name, with the place where it was written. */
export type WrittenModel = {
  readonly text: string
  /** The reasoning variant that is written with it. */
  readonly variant?: string | undefined
  readonly where: string
}

type Named = Omit<WrittenModel, "where"> & { readonly path: SettingsPath }

/** Every entry of a list, every category's model, and every model that a list is set for. */
export async function writtenModels({ settings, origins }: LoadedSettings): Promise<readonly WrittenModel[]> {
  const named: readonly Named[] = [
    ...modelLists(settings).flatMap(([path, list]) =>
      list.map(({ model, variant }, index) => ({ text: model, variant, path: [...path, index] })),
    ),
    ...Object.entries(settings.categories).flatMap(([name, { model, variant }]) =>
      model === undefined ? [] : [{ text: model, variant, path: ["categories", name, "model"] }],
    ),
    ...Object.keys(settings.models).map((model) => ({ text: model, path: ["models", model] })),
  ]
  const sources = await origins(named.map(({ path }) => path))
  return named.map(({ text, variant, path }, index) => {
    const source = sources[index] ?? { from: "settings" }
    const place = placeOf(source)
    return { text, variant, where: source.from === "file" ? place : `${place}, ${pathText(path)}` }
  })
}
