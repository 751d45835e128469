import { statSync } from "node:fs"
import { join } from "node:path"

export const REPOSITORY = join(import.meta.dir, "../../..")

/**
 * The real OpenCode. `UNDERSTUDY_OPENCODE_BIN` outranks the dev dependency (version matrix). The postinstall of
 * `opencode-ai` links the platform's binary to `bin/opencode.exe` (on every system); where scripts did not run, the
 * platform package holds it.
 */
export function opencodeBinary(): string {
  const chosen = process.env["UNDERSTUDY_OPENCODE_BIN"]
  if (chosen !== undefined && chosen !== "") return chosen
  const platform = process.platform === "win32" ? "windows" : process.platform
  const file = platform === "windows" ? "opencode.exe" : "opencode"
  const candidates = [
    join(REPOSITORY, "node_modules/opencode-ai/bin/opencode.exe"),
    ...["", "-baseline", "-musl", "-baseline-musl"].map((flavour) =>
      join(REPOSITORY, `node_modules/opencode-${platform}-${process.arch}${flavour}/bin/${file}`),
    ),
  ]
  const found = candidates.find(isBinary)
  if (found === undefined) throw new Error(`No OpenCode binary. Looked at:\n${candidates.join("\n")}`)
  return found
}

/** Where npm did not run the install scripts of dependencies, `opencode.exe` is a short text that says so. */
function isBinary(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 1024 * 1024
}
