import type { ReadText } from "./read-text-file.ts"
import { readDocument } from "./json-document.ts"
import { asArray, isObject } from "../core/json-object.ts"
import { field } from "../core/read-field.ts"
import type { SettingsPlaces } from "./settings-places.ts"
import type { ProblemSource, SettingsPath } from "./settings-problem.ts"

/**
 * Where a path of the plugin's options was written. OpenCode hands over the options without their place, so its
 * files are searched again, the strongest first, and only when somebody asks.
 *
 * @param options as OpenCode handed them over
 */
export async function optionPosition(
  { openCodeFiles }: Pick<SettingsPlaces, "openCodeFiles">,
  options: unknown,
  path: SettingsPath,
  read: ReadText,
): Promise<ProblemSource> {
  for (const file of openCodeFiles) {
    const document = await readDocument(file, read)
    for (const base of optionPaths(document?.value, options)) {
      // What is missing has no place of its own: its holder has.
      const at =
        document?.locate([...base, ...path], "value") ??
        document?.locate([...base, ...path.slice(0, -1)], "value")
      if (at !== undefined) return { from: "file", file, ...at }
    }
  }
  return { from: "plugin options" }
}

/** Behind the plugin's name in `[name, options]`, or in version 2's `{ package, options }`. */
function optionPaths(config: unknown, options: unknown): readonly SettingsPath[] {
  return ["plugin", "plugins"].flatMap((key) =>
    asArray(field(config, key)).flatMap((item, index): readonly SettingsPath[] => {
      if (isObject(item)) return haveSameKeys(item["options"], options) ? [[key, index, "options"]] : []
      return Array.isArray(item) && haveSameKeys(item[1], options) ? [[key, index, 1]] : []
    }),
  )
}

/** The package may bear any name there, and OpenCode fills in `{env:…}`: the keys are what stays as it was written. */
function haveSameKeys(written: unknown, options: unknown): boolean {
  return JSON.stringify(Object.keys(Object(written))) === JSON.stringify(Object.keys(Object(options)))
}
