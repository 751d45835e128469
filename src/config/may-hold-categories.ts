import type { LoadSettingsInput } from "./load-settings.ts"

/**
 * Whether the settings may hold categories: a look at the text, which costs next to nothing beside reading them.
 * Where it says no there are none; it may say yes to a comment.
 */
export async function mayHoldCategories(input: LoadSettingsInput): Promise<boolean> {
  const { places, pluginOptions, readFile } = input
  if (mayName(JSON.stringify(pluginOptions) ?? "")) return true
  const looks = [...places.userFiles, ...places.projectFiles].map(async (file) =>
    mayName((await readFile(file)) ?? ""),
  )
  // A file that cannot be read is reported where the settings are read.
  return (await Promise.allSettled(looks)).some((look) => look.status === "fulfilled" && look.value)
}

/** A key may be written with escapes as well. */
function mayName(text: string): boolean {
  return text.includes("categories") || text.includes("\\u")
}
