import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { commandName } from "../../src/command/command-entry.ts"
import { REPOSITORY } from "../../test/e2e/harness/opencode-binary.ts"
import type { Setup, SimulatedOpenCode } from "../simulated-opencode.ts"

/** The `plugin` list, and the files below the home folder that make what it lists an installed one. */
export type InstalledPlugin = Required<Pick<Setup, "plugins" | "files">>

type Manifest = { readonly name: string; readonly files: readonly string[] }

export const noPlugin: InstalledPlugin = { plugins: [], files: {} }

/** This repository as it would be published. */
export function installedUnderstudy(version: 1 | 2): Promise<InstalledPlugin> {
  return installedPlugin(REPOSITORY, version)
}

/** A plugin that is not found costs nothing, and neither version of OpenCode ends for it. */
export async function refuseMissing({ version, api, project }: SimulatedOpenCode): Promise<void> {
  const place = `location[directory]=${encodeURIComponent(project)}`
  const commands = await api.get(version === 1 ? "/command" : `/api/command?${place}`)
  if (!JSON.stringify(commands).includes(`"${commandName}"`))
    throw new Error("OpenCode did not load the plugin")
}

/**
 * A plugin as OpenCode has it when it has installed it by its name, so that nothing is asked of a registry. What is
 * listed by its path costs more: OpenCode 2 then reads every file that its code could ever import, and watches them.
 *
 * @param folder has a `package.json` that names what is published
 */
export async function installedPlugin(folder: string, version: 1 | 2): Promise<InstalledPlugin> {
  const manifest = (await Bun.file(join(folder, "package.json")).json()) as Manifest
  const { name } = manifest
  // A version that is named is not looked up again.
  const entry = `${name}@1.0.0`
  const home = version === 1 ? `cache/opencode/packages/${entry}` : `cache/opencode/npm/${entry}/1`
  const inside = `${home}/node_modules/${name}`
  const files: Record<string, string> = {
    [`${home}/package.json`]: JSON.stringify({ dependencies: { [name]: "1.0.0" } }),
    [`${inside}/package.json`]: JSON.stringify({ ...manifest, version: "1.0.0" }),
  }
  for (const path of (await Promise.all(manifest.files.map((part) => filesAt(folder, part)))).flat())
    files[`${inside}/${path}`] = await Bun.file(join(folder, path)).text()
  return { plugins: [entry], files }
}

async function filesAt(folder: string, part: string): Promise<readonly string[]> {
  const names = await readdir(join(folder, part)).catch(() => undefined)
  return names?.map((name) => join(part, name)) ?? [part]
}
