import { resolve } from "node:path"
import { parseJsonDocument } from "../../config/json-document.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { fromHome } from "../../config/this-user.ts"
import { field, isObject, type JsonObject } from "../../core/json-object.ts"
import { isOurs } from "../opencode/plugin-entries.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { fallbackName, knownPlugins, type KnownPlugin, unlessDisabled } from "./known-plugins.ts"
import type { OwnSettings } from "./load-own-settings.ts"
import { listedAt } from "./plugin-lists.ts"

export type OtherPlugin = Awaited<ReturnType<typeof findOtherPlugins>>[number]

/** Other plugins in OpenCode's list that switch models when one fails; `file` says whether they are on. */
export async function findOtherPlugins(
  { plugins, places }: Pick<OwnSettings, "plugins" | "places">,
  { home, directory }: Pick<Terminal, "home" | "directory">,
) {
  const found = plugins.flatMap((entry) => {
    const known = knownPlugins.find((candidate) => candidate.matches(entry.name))
    const isNamedSo = !isOurs(entry) && fallbackName.test(`${entry.name} ${entry.spec}`)
    return known !== undefined || isNamedSo ? [{ entry, known }] : []
  })
  return Promise.all(
    found.map(async ({ entry, known }) => {
      const settings = known && (await pluginFile(known, places, home))
      const holder = settings?.value ?? (isObject(entry.options) ? entry.options : undefined)
      return {
        entry,
        /** `undefined`: where its settings are nobody knows. */
        known,
        title: known?.title ?? entry.name,
        file: settings?.file,
        /** In OpenCode's lists. */
        listedAt: await listedAt(places, directory, ({ spec }) => spec === entry.spec),
        acts: (known?.acts ?? unlessDisabled)(holder),
      }
    }),
  )
}

/** The highest-ranking file of the plugin's own settings that says anything. */
export async function pluginFile(
  { files }: KnownPlugin,
  { configFolders }: OwnSettings["places"],
  home: string,
): Promise<{ readonly file: string; readonly value: JsonObject } | undefined> {
  const paths = configFolders.flatMap((folder) => files.map((name) => resolve(folder, fromHome(name, home))))
  for (const file of paths) {
    const text = await readTextFile(file).catch(() => undefined)
    const value = field(parseJsonDocument(text ?? ""), "value")
    if (isObject(value) && Object.keys(value).length > 0) return { file, value }
  }
  return undefined
}
