import { keySource } from "../../accounts/resolve-keys.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import type { SettingsPath } from "../../config/settings-problem.ts"
import type { OwnSettings } from "../installation/load-own-settings.ts"

/** Keys that stand in a file themselves. What OpenCode fills in for `{env:…}` in its own files stands in none. */
export async function findPlainKeys({ settings, origins }: OwnSettings): Promise<readonly SettingsPath[]> {
  const entries = Object.entries(settings.providers).flatMap(([provider, { keys = [] }]) =>
    keys.map((key, index) => ({ key, path: ["providers", provider, "keys", index] as const })),
  )
  const candidates = entries.filter(({ key }) => keySource(key).from === "settings")
  const places = await origins(candidates.map(({ path }) => path))
  const plain = candidates.map(async ({ key, path }, index) => {
    const place = places[index]
    if (place?.from !== "file") return [path]
    const text = await readTextFile(place.file).catch(() => undefined)
    return text === undefined || text.includes(JSON.stringify(key).slice(1, -1)) ? [path] : []
  })
  return (await Promise.all(plain)).flat()
}
