import { join } from "node:path"
import { asObject, field } from "../../core/json-object.ts"
import type { UserFolders } from "../terminal/terminal.ts"
import { readJsonFile } from "./read-json-file.ts"

/**
 * Providers that OpenCode uses through a login and not with an API key. Of its file of credentials nothing but the
 * kind of each is looked at. Never rejects.
 */
export async function readLogins({ env, home }: UserFolders): Promise<ReadonlySet<string>> {
  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share")
  // A file that cannot be read is OpenCode's to report; without it nothing is known of logins.
  const entries = Object.entries(asObject(await readJsonFile(join(data, "opencode", "auth.json"))))
  return new Set(entries.flatMap(([id, one]) => (field(one, "type") === "oauth" ? [id] : [])))
}
