import { readdir } from "node:fs/promises"
import { join } from "node:path"

/** An entry of the `plugin` list, and the files below the home folder that make it an installed one. */
export type InstalledPlugin = {
  readonly entry: string
  readonly files: Readonly<Record<string, string>>
}

/**
 * A plugin as OpenCode has it when it has installed it by its name, so that nothing is asked of a registry. What is
 * listed by its path costs more: OpenCode 2 then reads every file that its code could ever import, and watches them.
 *
 * @param content files and folders of `folder` that are published, beside `package.json`
 */
export async function installedPlugin(
  folder: string,
  content: readonly string[],
  version: 1 | 2,
): Promise<InstalledPlugin> {
  const manifest = (await Bun.file(join(folder, "package.json")).json()) as { readonly name: string }
  const { name } = manifest
  // A version that is named is not looked up again.
  const entry = `${name}@1.0.0`
  const home = version === 1 ? `cache/opencode/packages/${entry}` : `cache/opencode/npm/${entry}/1`
  const inside = `${home}/node_modules/${name}`
  const files: Record<string, string> = {
    [`${home}/package.json`]: JSON.stringify({ dependencies: { [name]: "1.0.0" } }),
    [`${inside}/package.json`]: JSON.stringify({ ...manifest, version: "1.0.0" }),
  }
  for (const path of (await Promise.all(content.map((part) => filesAt(folder, part)))).flat())
    files[`${inside}/${path}`] = await Bun.file(join(folder, path)).text()
  return { entry, files }
}

async function filesAt(folder: string, part: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, part)).catch(() => undefined)
  return names?.map((name) => join(part, name)) ?? [part]
}
