import { join } from "node:path"
import { asObject, field } from "../../core/json-object.ts"
import type { UserFolders } from "../terminal/terminal.ts"
import { readJsonFile } from "./read-json-file.ts"

/**
 * The providers that somebody has logged in to, with the kind of the login: `oauth`, `api` (a key) or `wellknown`. Nothing
 * else of OpenCode's file of credentials is looked at. Never rejects.
 */
export async function readCredentials({ env, home }: UserFolders): Promise<ReadonlyMap<string, unknown>> {
  const data = env["XDG_DATA_HOME"] || join(home, ".local", "share")
  // A file that cannot be read is OpenCode's to report; without it nothing is known of logins.
  const entries = Object.entries(asObject(await readJsonFile(join(data, "opencode", "auth.json"))))
  return new Map(entries.map(([id, one]) => [id, field(one, "type")]))
}
