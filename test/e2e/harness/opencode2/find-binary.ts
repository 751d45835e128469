import { homedir } from "node:os"
import { join } from "node:path"
import { type BinaryPackage, installBinary } from "../install-binary.ts"

/** The one release of OpenCode 2 that npm has: a build for Linux on any x64 processor. */
export const release2: BinaryPackage = {
  name: "@opencode/cli-linux-x64-baseline",
  version: "2.0.15",
  binary: "bin/opencode",
  sha256: "4aaa3a7157f6c9e85fea7274c34e7a172f2fae06302e1d3a879838e9eed78650",
}

export type OpenCode2 =
  | { readonly found: true; readonly binary: string }
  | { readonly found: false; readonly why: string }

let finding: Promise<OpenCode2> | undefined

/**
 * The real OpenCode 2, downloaded once (200 MB on disk) and found again by later runs.
 * `UNDERSTUDY_OPENCODE2_BIN` outranks it.
 */
export function findOpenCode2(): Promise<OpenCode2> {
  finding ??= find()
  return finding
}

/** The binary, for whoever has asked before whether there is one. */
export async function binary2(): Promise<string> {
  const opencode = await findOpenCode2()
  if (!opencode.found) throw new Error(opencode.why)
  return opencode.binary
}

async function find(): Promise<OpenCode2> {
  const chosen = process.env["UNDERSTUDY_OPENCODE2_BIN"]
  if (chosen !== undefined && chosen !== "") return { found: true, binary: chosen }
  if (process.platform !== "linux" || process.arch !== "x64")
    return { found: false, why: `npm has no OpenCode 2 for ${process.platform} on ${process.arch}` }
  const cacheHome = process.env["XDG_CACHE_HOME"]
  const cache = join(
    cacheHome === undefined || cacheHome === "" ? join(homedir(), ".cache") : cacheHome,
    "opencode-understudy",
  )
  return installBinary(release2, cache).then(
    (binary) => ({ found: true, binary }),
    (error: unknown) => ({ found: false, why: String(error) }),
  )
}
