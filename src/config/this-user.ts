import { homedir } from "node:os"
import { join } from "node:path"

export type Environment = Readonly<Record<string, string | undefined>>

/** Whose files are read and written: what their places depend on. */
export type User = { readonly env: Environment; readonly home: string; readonly platform: string }

/** The user of this process. */
export function thisUser(): User {
  return { env: process.env, home: homedir(), platform: process.platform }
}

/** A path as people write it: `~/` is the home folder. */
export function fromHome(path: string, home: string): string {
  return path.startsWith("~/") ? join(home, path.slice(2)) : path
}
