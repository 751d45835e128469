import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { asArray, field, isObject, type JsonObject, text } from "../../core/json-object.ts"
import { packageFacts } from "./package-facts.ts"
import { readJsonFile } from "./read-json-file.ts"

/** One entry of OpenCode's list of plugins: `"name@version"`, a path, `[spec, options]` or `{ package, options }`. */
export type PluginEntry = {
  readonly spec: string
  /** The package's name without version; of a path the name in its package.json, where it has one. */
  readonly name: string
  readonly options: unknown
}

export async function pluginEntries(config: JsonObject, directory: string): Promise<readonly PluginEntry[]> {
  // What OpenCode 1 loads: an empty list in a stronger file empties `plugin`, and nothing else (1.18.33).
  const loaded = asArray(config["plugin_origins"]).map((origin) => field(origin, "spec"))
  const listed = [config["plugin"], config["plugins"]].flatMap((value: unknown) => asArray(value))
  const list = loaded.length > 0 ? loaded : listed
  const entries = await Promise.all(list.map((entry: unknown) => readEntry(entry, directory)))
  return entries.filter((entry) => entry !== undefined)
}

async function readEntry(entry: unknown, directory: string): Promise<PluginEntry | undefined> {
  const spec = specOf(entry)
  if (spec === undefined) return undefined
  const options: unknown = Array.isArray(entry) ? entry[1] : field(entry, "options")
  return { spec, name: await nameOf(spec, directory), options }
}

/** What an entry of a list names. */
export function specOf(entry: unknown): string | undefined {
  const spec: unknown = Array.isArray(entry) ? entry[0] : isObject(entry) ? entry["package"] : entry
  return typeof spec === "string" ? spec : undefined
}

export function isOurs(entry: PluginEntry): boolean {
  return entry.name === packageFacts.name
}

/** Whether OpenCode takes it from npm: the name alone, or with a version or tag. */
export function isRegistrySpec(spec: string): boolean {
  return /^(?:npm:)?(?:@[^/@]+\/)?[^/@:]+(?:@[^/:]*)?$/.test(spec) && !spec.startsWith(".")
}

async function nameOf(spec: string, directory: string): Promise<string> {
  const path = pathOf(spec, directory)
  if (path === undefined) return spec.replace(/^npm:/, "").replace(/(?!^)@.*$/, "")
  // A folder, or a file in the package's folder or in its dist.
  for (const folder of [path, dirname(path), dirname(dirname(path))]) {
    const name = text(await readJsonFile(join(folder, "package.json")), "name")
    if (name !== undefined) return name
  }
  return spec
}

function pathOf(spec: string, directory: string): string | undefined {
  if (spec.startsWith("file://")) {
    try {
      return fileURLToPath(spec)
    } catch {
      // No file has such an address; OpenCode will say so itself.
      return undefined
    }
  }
  if (spec.startsWith("/") || /^[a-z]:[\\/]/i.test(spec)) return spec
  return spec.startsWith(".") ? join(directory, spec) : undefined
}
