import { $ } from "bun"
import { installBinary } from "../../test/e2e/harness/install-binary.ts"
import { release2 } from "../../test/e2e/harness/opencode2/find-binary.ts"

/** The npm package that holds this machine's binary of OpenCode 1: `opencode-ai` only picks one of these. */
const name = `opencode-${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
const binary = process.platform === "win32" ? "bin/opencode.exe" : "bin/opencode"

/** The major version that a release belongs to. */
export function hostOf(version: string): 1 | 2 {
  return version.startsWith("1.") ? 1 : 2
}

/** Installs one version of OpenCode under `cache`, unless it is there already, and gives the path of its binary. */
export function installOpenCode(version: string, cache: string): Promise<string> {
  return hostOf(version) === 1
    ? installBinary({ name, version, binary }, cache)
    : installBinary({ name: release2.name, version, binary: release2.binary }, cache)
}

/** The newest OpenCode 1 that npm has for this machine. */
export async function newestOpenCode(): Promise<string> {
  return (await $`npm view ${name} version --loglevel=error`.text()).trim()
}

/** Every OpenCode 2 that npm has; none for machines other than Linux on x64. */
export async function everyOpenCode2(): Promise<readonly string[]> {
  if (process.platform !== "linux" || process.arch !== "x64") return []
  const listed: unknown = await $`npm view ${release2.name} versions --json --loglevel=error`.json()
  return [listed]
    .flat()
    .filter((version): version is string => typeof version === "string" && version.startsWith("2."))
}
