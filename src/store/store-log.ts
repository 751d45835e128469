/** Where an adapter says what went wrong. Messages never hold a password, a prompt or a key. */
export type StoreLog = (level: "info" | "warn" | "error", message: string) => void
