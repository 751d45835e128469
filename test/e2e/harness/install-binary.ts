import { $ } from "bun"
import { createHash } from "node:crypto"
import { existsSync } from "node:fs"
import { mkdir, rename, rm } from "node:fs/promises"
import { join } from "node:path"

/** A host's binary as npm has it. */
export type BinaryPackage = {
  readonly name: string
  readonly version: string
  /** Path inside the package. */
  readonly binary: string
  /** Hash of the binary in hexadecimal; checked once, at the installation. */
  readonly sha256?: string
}

/**
 * Installs a package under `cache`, unless it is there already; several processes may do so at the same time.
 *
 * @returns the path of its binary
 * @throws Error with npm's own words, where the registry has no such version or the hash is another
 */
export async function installBinary(wanted: BinaryPackage, cache: string): Promise<string> {
  const { name, version } = wanted
  const folder = join(cache, `${name.replace(/^@/, "").replace("/", "-")}-${version}`)
  const inFolder = join("node_modules", name, wanted.binary)
  const binary = join(folder, inFolder)
  if (existsSync(binary)) return binary
  const draft = `${folder}.${process.pid}`
  await mkdir(draft, { recursive: true })
  try {
    const flags = ["--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"]
    const installed = await $`npm install ${flags} --prefix ${draft} ${name}@${version}`.quiet().nothrow()
    const drafted = join(draft, inFolder)
    if (!existsSync(drafted))
      throw new Error(`${name}@${version} cannot be installed: ${installed.stderr.toString().slice(0, 500)}`)
    await checkHash(drafted, wanted)
    // Another process may have been faster: then its copy stays.
    await rename(draft, folder).catch((error: unknown) => {
      if (!existsSync(binary)) throw error
    })
    return binary
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
}

async function checkHash(path: string, { name, version, sha256 }: BinaryPackage): Promise<void> {
  if (sha256 === undefined) return
  const hash = createHash("sha256")
  for await (const bytes of Bun.file(path).stream()) hash.update(bytes)
  const found = hash.digest("hex")
  if (found !== sha256) throw new Error(`${name}@${version} is another binary than expected: ${found}`)
}
