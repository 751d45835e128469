import { spawnSync } from "node:child_process"
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const repository = fileURLToPath(new URL("..", import.meta.url))

/** Where npm did not run the install scripts of dependencies, `bun.exe` is a text that says so. In bytes. */
const leastBinaryBytes = 1024 * 1024

/**
 * The path of the Bun that is a dev dependency, or `undefined` when it is not installed. Plain Node, because this
 * is what finds Bun.
 *
 * The install script of the package `bun` links the platform's binary to `bin/bun.exe` (on every system); npm may
 * be told not to run such scripts, and then only the platform packages `@oven/bun-*` hold it. More than one of
 * them may be there (glibc and musl, with and without AVX2): the first that runs is taken.
 *
 * @returns {string | undefined}
 */
export function findBun() {
  const linked = join(repository, "node_modules/bun/bin/bun.exe")
  return [linked, ...platformBinaries()].find(
    (path) => isBinary(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0,
  )
}

/**
 * The same for OpenCode, whose install script links `opencode-linux-x64` and the like.
 *
 * @returns {string | undefined}
 */
export function findOpenCode() {
  const modules = join(repository, "node_modules")
  const file = process.platform === "win32" ? "opencode.exe" : "opencode"
  const packages = listFolder(modules).filter((name) => name.startsWith("opencode-"))
  const candidates = packages.map((name) => join(modules, name, "bin", file))
  return [join(modules, "opencode-ai/bin/opencode.exe"), ...candidates].find(
    (path) => isBinary(path) && spawnSync(path, ["--version"], { stdio: "ignore" }).status === 0,
  )
}

function platformBinaries() {
  const folder = join(repository, "node_modules/@oven")
  const file = process.platform === "win32" ? "bun.exe" : "bun"
  return listFolder(folder).map((name) => join(folder, name, "bin", file))
}

/** @param {string} folder */
function listFolder(folder) {
  return statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
    ? readdirSync(folder).toSorted()
    : []
}

/** @param {string} path */
function isBinary(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.isFile() && found.size > leastBinaryBytes
}
