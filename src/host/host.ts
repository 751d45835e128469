import type { Settings } from "../config/schema.ts"
import type { Catalog } from "../core/catalog.ts"

export type ToastVariant = "info" | "success" | "warning" | "error"

export type Toast = {
  readonly title: string
  readonly message: string
  /** What it says where the one before it stays to be read; `message` by default. */
  readonly line?: string
  readonly variant: ToastVariant
  /** Milliseconds. */
  readonly durationMs: number
}

/** What the settings say of log and toasts. */
export type HostSettings = Pick<Settings["runtime_fallback"], "log_level" | "notify_on_fallback">

/** From the least severe on. */
const logLevels = ["debug", "info", "warn", "error"] as const
export type LogLevel = (typeof logLevels)[number]

export function isLogged(level: LogLevel, minimum: LogLevel): boolean {
  return logLevels.indexOf(level) >= logLevels.indexOf(minimum)
}

/** The port to OpenCode: what is asked of either version of it. */
export type Host = {
  /** The models that OpenCode can use; `known: false` when it cannot say. Never rejects. */
  readonly catalog: () => Promise<Catalog>
  /** Shows it, where toasts are wanted. Never rejects. */
  readonly toast: (toast: Toast) => Promise<void>
  /** Writes to OpenCode's log. Never throws. */
  readonly log: (level: LogLevel, message: string) => void
}
