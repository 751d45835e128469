import { homedir } from "node:os"

export type Environment = Readonly<Record<string, string | undefined>>

/** Whose files are read and written: what their places depend on. */
export type User = { readonly env: Environment; readonly home: string; readonly platform: string }

/** The user of this process. */
export function thisUser(): User {
  return { env: process.env, home: homedir(), platform: process.platform }
}
