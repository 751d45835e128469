import { join } from "node:path"
import { readTextFile } from "../../config/read-text-file.ts"
import { asObject, parseJsonText } from "../../core/json-object.ts"
import { field } from "../../core/read-field.ts"
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
  // A file that cannot be read is OpenCode's to report; without it nothing is known of logins.
  const credentials = await readTextFile(join(data, "opencode", "auth.json")).catch(() => undefined)
  const entries = Object.entries(asObject(parseJsonText(credentials ?? "")))
  return new Set(entries.flatMap(([id, one]) => (field(one, "type") === "oauth" ? [id] : [])))
}
