import { $ } from "bun"
import { installBinary } from "../../test/e2e/harness/install-binary.ts"

/** The npm package that holds this machine's binary: `opencode-ai` only picks one of these. */
const name = `opencode-${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`
const binary = process.platform === "win32" ? "bin/opencode.exe" : "bin/opencode"

/** Installs one version of OpenCode under `cache`, unless it is there already, and gives the path of its binary. */
export function installOpenCode(version: string, cache: string): Promise<string> {
  return installBinary({ name, version, binary }, cache)
}

/** The newest version that npm has for this machine. */
export async function newestOpenCode(): Promise<string> {
  return (await $`npm view ${name} version --loglevel=error`.text()).trim()
}
