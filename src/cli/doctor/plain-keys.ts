import { readTextFile } from "../../config/read-text-file.ts"
import type { SettingsPath } from "../../config/settings-problem.ts"
import { isReference } from "../../config/short-value.ts"
import type { OwnSettings } from "../installation/load-own-settings.ts"

/** Keys that stand in a file themselves. What OpenCode fills in for `{env:…}` in its own files stands in none. */
export async function findPlainKeys({ settings, places }: OwnSettings): Promise<readonly SettingsPath[]> {
  const written = Object.entries(settings.providers).flatMap(([provider, { keys = [] }]) =>
    keys.map((key, index) => ({ key: key.trim(), path: ["providers", provider, "keys", index] })),
  )
  const plain = written.filter(({ key }) => key !== "" && !isReference(key))
  if (plain.length === 0) return []
  const files = [...places.userFiles, ...places.openCodeFiles]
  const texts = await Promise.all(files.map((file) => readTextFile(file).catch(() => undefined)))
  return plain.flatMap(({ key, path }) => {
    const asWritten = JSON.stringify(key).slice(1, -1)
    return texts.some((text) => text?.includes(asWritten)) ? [path] : []
  })
}
