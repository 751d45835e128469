import { setTimeout } from "node:timers/promises"
import { type Health, readHealth } from "../installation/health.ts"
import { loadOwnSettings, noteProblems } from "../installation/load-own-settings.ts"
import type { HealthSnapshot } from "../installation/read-sqlite.ts"
import { runAgainOnBun } from "../opencode/bun-runtime.ts"
import { CommandError, type ExitCode, exitCodes, usageError } from "../terminal/command-error.ts"
import { type Terminal, writeJson } from "../terminal/terminal.ts"
import { drawStatus } from "./draw-status.ts"
import { statusJson, type StatusRange, statusReport } from "./status-report.ts"

export type StatusOptions = StatusRange & {
  readonly json?: boolean
  readonly watch?: boolean
  readonly opencode?: string
}

export async function statusCommand(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  if (options.watch && !terminal.isInteractive)
    throw usageError("--watch draws on a terminal, and there is none. Leave it out.")
  const own = await loadOwnSettings(terminal)
  const runtime = own.settings.runtime_fallback
  const health = await readHealth(runtime, terminal)
  // There the command begins anew.
  if (health.state === "needs-bun") return onBun(terminal, health.where, options.opencode)
  noteProblems(terminal, own)
  if (health.state === "unreadable") throw unreadable(health)
  if (health.state === "private")
    terminal.note(
      'The store is "memory": each OpenCode process keeps its own health, which cannot be seen from here.',
    )
  const where = health.state === "private" ? undefined : health.where
  const report = (seen: HealthSnapshot) =>
    statusReport(seen, options, {
      now: terminal.now(),
      longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
    })
  let snapshot = health.state === "open" ? health.snapshot : nothing
  if (options.watch) {
    await watch(terminal, async () => {
      const now = await readHealth(runtime, terminal)
      // While the store cannot be read (locked, set aside), what was seen last stands.
      if (now.state === "open") snapshot = now.snapshot
      return drawStatus(report(snapshot), where, terminal)
    })
    return exitCodes.fine
  }
  if (options.session !== undefined) refuseUnknownSession(options.session, snapshot)
  if (options.json) writeJson(terminal, statusJson(report(snapshot), where))
  else terminal.write(drawStatus(report(snapshot), where, terminal))
  return exitCodes.fine
}

async function onBun(terminal: Terminal, where: string, chosen: string | undefined): Promise<ExitCode> {
  const exitCode = await runAgainOnBun(terminal, chosen)
  if (exitCode !== undefined) return exitCode
  throw new CommandError(
    `${where} can only be read on Bun or on Node 22.13 and newer (this is Node ${process.versions.node}). ` +
      "Neither bun nor opencode, which has one inside, was found; put one on the PATH, or name OpenCode's binary with --opencode PATH.",
  )
}

function unreadable({ where, why }: Extract<Health, { state: "unreadable" }>): CommandError {
  const advice = where.includes("://")
    ? "Check the address and the password; until the server answers each OpenCode keeps its own health."
    : "OpenCode sets a damaged file aside at its next start; check the permissions, or delete the file: it holds nothing but health and the journal."
  return new CommandError(`${where} cannot be read (${why}). ${advice}`)
}

const nothing: HealthSnapshot = { circuits: [], journal: [], limits: [] }

function refuseUnknownSession(session: string, { journal }: HealthSnapshot): void {
  if (journal.some(({ sessionID }) => sessionID === session)) return
  throw new CommandError(
    `Nothing is on record for session ${session}: there is no such session, or no model has failed in it.`,
    exitCodes.findings,
  )
}

/** Clears from the cursor down; the cursor goes home first. What is drawn anew does not flicker. */
const home = "\u001B[H"
const clearRest = "\u001B[J"
const clearLineEnd = "\u001B[K"
const otherScreen = { enter: "\u001B[?1049h\u001B[?25l", leave: "\u001B[?25h\u001B[?1049l" }
/** Between two looks. */
const pauseMs = 1_000

/** Draws on the terminal's second screen until Ctrl-C, so that the first one is as it was afterwards. */
async function watch({ write }: Pick<Terminal, "write">, draw: () => Promise<string>): Promise<void> {
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort())
  write(otherScreen.enter)
  try {
    while (!stop.signal.aborted) {
      const lines = (await draw()).split("\n").join(`${clearLineEnd}\n`)
      write(`${home}${lines}${clearRest}`)
      // Rejects when it is to stop.
      await setTimeout(pauseMs, undefined, { signal: stop.signal }).catch(() => undefined)
    }
  } finally {
    write(otherScreen.leave)
  }
}
