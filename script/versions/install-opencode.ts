import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { $ } from "bun"

/** The npm package that holds this machine's binary: `opencode-ai` only picks one of these. */
const platformPackage = `opencode-${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
const binaryName = process.platform === "win32" ? "opencode.exe" : "opencode"

/**
 * Installs one version of OpenCode under `cache`, unless it is there already.
 *
 * @returns the path of its binary
 * @throws Error with npm's own words, where the registry has no such version for this machine
 */
export async function installOpenCode(version: string, cache: string): Promise<string> {
  const folder = join(cache, version)
  const binary = join(folder, "node_modules", platformPackage, "bin", binaryName)
  if (existsSync(binary)) return binary
  await mkdir(folder, { recursive: true })
  const flags = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
  const installed = await $`npm install ${flags} --prefix ${folder} ${platformPackage}@${version}`
    .quiet()
    .nothrow()
  if (existsSync(binary)) return binary
  throw new Error(`OpenCode ${version} cannot be installed: ${installed.stderr.toString().slice(0, 500)}`)
}

/** The newest version that npm has for this machine. */
export async function newestOpenCode(): Promise<string> {
  return (await $`npm view ${platformPackage} version --loglevel=error`.text()).trim()
}
