import { join } from "node:path"
import { readTextFile } from "../../config/read-text-file.ts"
import { isObject } from "../../core/json-object.ts"
import type { Terminal } from "../terminal/terminal.ts"

/**
 * Providers that OpenCode uses through a login and not with an API key. Of its file of credentials nothing but the
 * kind of each is looked at. Never rejects.
 */
export async function readLogins({
  env,
  home,
}: Pick<Terminal, "env" | "home">): Promise<ReadonlySet<string>> {
  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share")
  try {
    const credentials: unknown = JSON.parse((await readTextFile(join(data, "opencode", "auth.json"))) ?? "{}")
    const entries = isObject(credentials) ? Object.entries(credentials) : []
    return new Set(entries.flatMap(([id, one]) => (isObject(one) && one["type"] === "oauth" ? [id] : [])))
  } catch {
    // A file that cannot be read is OpenCode's to report; without it nothing is known of logins.
    return new Set()
  }
}
