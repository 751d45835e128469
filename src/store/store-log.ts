/** Where an adapter says what went wrong. Messages never hold a password, a prompt or a key. */
export type StoreLog = (level: "info" | "warn" | "error", message: string) => void

/** What went wrong, in a line of the log. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
