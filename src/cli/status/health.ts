import { stat } from "node:fs/promises"
import { join } from "node:path"
import { reasonOf } from "../../config/reason-of.ts"
import type { Settings } from "../../config/schema.ts"
import { withoutPassword } from "../../config/short-value.ts"
import { createBeliever } from "../../store/believable-store.ts"
import { openStore } from "../../store/open-store.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import { storeBounds } from "../../store/store.ts"
import { runsOnBun } from "../opencode/bun-runtime.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type HealthSnapshot, openSqliteReader } from "./sqlite-reader.ts"

export type OpenedHealth =
  | {
      readonly state: "open"
      /** The file, or the server without its password. */
      readonly where: string
      readonly read: () => HealthSnapshot
      readonly close: () => Promise<void>
    }
  /** Nobody has written anything yet. */
  | { readonly state: "empty"; readonly where: string }
  /** `store` is "memory": each OpenCode process keeps its own, and none can be looked at from outside. */
  | { readonly state: "private" }
  /** This runtime cannot read it; Bun can. */
  | { readonly state: "needs-bun"; readonly where: string }
  | { readonly state: "unreadable"; readonly where: string; readonly why: string }

export type HealthSettings = Pick<Settings["runtime_fallback"], "store" | "max_cooldown_seconds">

/**
 * The models' health that OpenCode processes share, as far as OpenCode would believe it. Never rejects, writes
 * nothing.
 */
export async function openHealth(settings: HealthSettings, terminal: Terminal): Promise<OpenedHealth> {
  const { store: setting } = settings
  const longestCooldownMs = settings.max_cooldown_seconds * 1_000
  if (setting === "memory") return { state: "private" }
  const directory = stateDirectory(terminal)
  if (setting !== "sqlite") return openServer(setting, { directory, longestCooldownMs }, terminal)
  const where = join(directory, "health.sqlite")
  try {
    const found = await stat(where).catch(() => undefined)
    if (found === undefined || found.size === 0) return { state: "empty", where }
    const reader = await openSqliteReader(where)
    if (reader === undefined) return { state: "needs-bun", where }
    // Read once here: a damaged file opens and fails only then.
    reader.read()
    const believe = createBeliever({ now: terminal.now, longestCooldownMs })
    const read = (): HealthSnapshot => {
      const snapshot = reader.read()
      return { ...snapshot, circuits: snapshot.circuits.map(believe) }
    }
    return { state: "open", where, read, close: () => Promise.resolve(reader.close()) }
  } catch (error) {
    return { state: "unreadable", where, why: reasonOf(error) }
  }
}

async function openServer(
  setting: string,
  { directory, longestCooldownMs }: { readonly directory: string; readonly longestCooldownMs: number },
  terminal: Terminal,
): Promise<OpenedHealth> {
  const where = withoutPassword(setting)
  if (!runsOnBun) return { state: "needs-bun", where }
  const complaints: string[] = []
  const store = await openStore(setting, {
    log: (level, message) => void (level === "info" || complaints.push(message)),
    stateDirectory: directory,
    now: terminal.now,
    random: Math.random,
    longestCooldownMs,
  })
  await store.ready
  if (store.name !== "redis" || complaints.length > 0)
    return { state: "unreadable", where, why: complaints.join("; ") || "the server did not answer" }
  return {
    state: "open",
    where,
    read: () => ({
      circuits: store.circuits(),
      journal: store.journal({ limit: storeBounds.journalEntries }),
      limits: store.limits(),
    }),
    close: () => store.close(),
  }
}
