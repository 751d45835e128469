import { statSync } from "node:fs"
import { join } from "node:path"
import { reasonOf } from "../../config/reason-of.ts"
import type { Settings } from "../../config/schema.ts"
import { withoutPassword } from "../../config/short-value.ts"
import { createSkewGuard } from "../../store/clock-skew.ts"
import { openStore } from "../../store/open-store.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import { storeBounds } from "../../store/store.ts"
import { runsOnBun } from "../opencode/bun-runtime.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type HealthSnapshot, readSqlite } from "./read-sqlite.ts"

export type Health =
  | {
      readonly state: "open"
      /** The file, or the server without its password. */
      readonly where: string
      readonly snapshot: HealthSnapshot
    }
  /** Nobody has written anything yet. */
  | { readonly state: "empty"; readonly where: string }
  /** `store` is "memory": each OpenCode process keeps its own, and none can be looked at from outside. */
  | { readonly state: "private" }
  /** This runtime cannot read it; Bun can. */
  | { readonly state: "needs-bun"; readonly where: string }
  | { readonly state: "unreadable"; readonly where: string; readonly why: string }

type HealthSettings = Pick<Settings["runtime_fallback"], "store" | "max_cooldown_seconds">

/**
 * One look at the health that OpenCode processes share, as far as OpenCode would believe it. Never rejects, writes
 * nothing.
 */
export async function readHealth(settings: HealthSettings, terminal: Terminal): Promise<Health> {
  const { store: setting } = settings
  const longestCooldownMs = settings.max_cooldown_seconds * 1_000
  if (setting === "memory") return { state: "private" }
  if (setting !== "sqlite") return readServer(setting, longestCooldownMs, terminal)
  const where = join(stateDirectory(terminal), "health.sqlite")
  try {
    // Throws where the folder is somebody else's (a `sudo opencode`, say): nobody can tell then whether it is empty.
    const found = statSync(where, { throwIfNoEntry: false })
    if (found === undefined || found.size === 0) return { state: "empty", where }
    const snapshot = await readSqlite(where)
    if (snapshot === undefined) return { state: "needs-bun", where }
    const guard = createSkewGuard({ now: terminal.now, longestCooldownMs })
    return { state: "open", where, snapshot: { ...snapshot, circuits: snapshot.circuits.map(guard) } }
  } catch (error) {
    return { state: "unreadable", where, why: reasonOf(error) }
  }
}

async function readServer(setting: string, longestCooldownMs: number, terminal: Terminal): Promise<Health> {
  const where = withoutPassword(setting)
  if (!runsOnBun) return { state: "needs-bun", where }
  const complaints: string[] = []
  const store = await openStore(setting, {
    log: (level, message) => void (level === "info" || complaints.push(message)),
    stateDirectory: stateDirectory(terminal),
    now: terminal.now,
    random: Math.random,
    longestCooldownMs,
  })
  await store.ready
  const snapshot: HealthSnapshot = {
    circuits: store.circuits(),
    journal: store.journal({ limit: storeBounds.journalEntries }),
    limits: store.limits(),
  }
  const isUp = store.name === "redis" && complaints.length === 0
  await store.close()
  if (isUp) return { state: "open", where, snapshot }
  // They are written for OpenCode's log, where nobody has named the server, and OpenCode goes on.
  const why = complaints.map((text) => text.replace(/^store \S+: |; continuing with what is known$/g, ""))
  return { state: "unreadable", where, why: why.join("; ") || "the server did not answer" }
}
