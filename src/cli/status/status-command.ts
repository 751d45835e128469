import { setTimeout } from "node:timers/promises"
import { type Health, readHealth } from "../installation/health.ts"
import { loadOwnSettings, noteProblems } from "../installation/load-own-settings.ts"
import type { HealthSnapshot } from "../installation/read-sqlite.ts"
import { runAgainOnBun } from "../opencode/bun-runtime.ts"
import { CommandError, type ExitCode, exitCodes, usageError } from "../terminal/command-error.ts"
import { type Terminal, writeJson, writeJsonLine } from "../terminal/terminal.ts"
import { drawStatus } from "./draw-status.ts"
import { statusJson, type StatusRange, type StatusReport, statusReport } from "./status-report.ts"

export type StatusOptions = StatusRange & {
  readonly json?: boolean
  readonly watch?: boolean
  /** Seconds. */
  readonly interval: number
  readonly opencode?: string
}

export async function statusCommand(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  if (options.watch && !options.json && !terminal.isInteractive)
    throw usageError("--watch draws on a terminal, and there is none. Leave it out, or add --json.")
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
  const report = (snapshot: HealthSnapshot): StatusReport =>
    statusReport(snapshot, options, {
      now: terminal.now(),
      longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
    })
  if (options.watch) {
    const look = follow(() => readHealth(runtime, terminal))
    await watch(terminal, options, where, async () => report(await look()))
    return exitCodes.fine
  }
  const snapshot = health.state === "open" ? health.snapshot : nothing
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
      "Neither bun nor opencode, which has one inside, was found; put one on the PATH.",
  )
}

function unreadable({ where, why }: Extract<Health, { state: "unreadable" }>): CommandError {
  const advice = where.includes("://")
    ? "Check the address and the password; until the server answers each OpenCode keeps its own health."
    : "OpenCode sets a damaged file aside at its next start; check the permissions, or delete the file: it holds nothing but health and the journal."
  return new CommandError(`${where} cannot be read (${why}). ${advice}`)
}

const nothing: HealthSnapshot = { circuits: [], journal: [], limits: [] }

/** While the store cannot be read (locked, set aside), what was seen last stands. */
function follow(read: () => Promise<Health>): () => Promise<HealthSnapshot> {
  let seen = nothing
  return async () => {
    const health = await read()
    if (health.state === "open") seen = health.snapshot
    return seen
  }
}

function refuseUnknownSession(session: string, { journal }: HealthSnapshot): void {
  if (journal.some(({ sessionID }) => sessionID === session)) return
  throw new CommandError(
    `Nothing is on record for session ${session}: there is no such session, or no model has failed in it.`,
    exitCodes.findings,
  )
}

async function watch(
  terminal: Terminal,
  options: StatusOptions,
  where: string | undefined,
  look: () => Promise<StatusReport>,
): Promise<void> {
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort())
  const intervalMs = options.interval * 1_000
  const draw = async (): Promise<string> => drawStatus(await look(), where, terminal)
  if (!options.json) return redraw(terminal, draw, intervalMs, stop.signal)
  let last = ""
  return each(intervalMs, stop.signal, async () => {
    const report = await look()
    // Times move on by themselves; only what happened makes a line.
    const key = JSON.stringify([report.circuits, report.journal])
    if (key === last) return
    last = key
    writeJsonLine(terminal, statusJson(report, where))
  })
}

/** Clears from the cursor down; the cursor goes home first. What is drawn anew does not flicker. */
const home = "\u001B[H"
const clearRest = "\u001B[J"
const clearLineEnd = "\u001B[K"
const otherScreen = { enter: "\u001B[?1049h\u001B[?25l", leave: "\u001B[?25h\u001B[?1049l" }

/**
 * Draws again and again until `signal` says stop, on the terminal's second screen, so that the first one is as it
 * was afterwards.
 */
async function redraw(
  terminal: Pick<Terminal, "write">,
  draw: () => Promise<string>,
  intervalMs: number,
  signal: AbortSignal,
): Promise<void> {
  terminal.write(otherScreen.enter)
  try {
    await each(intervalMs, signal, async () => {
      const lines = (await draw()).split("\n").join(`${clearLineEnd}\n`)
      terminal.write(`${home}${lines}${clearRest}`)
    })
  } finally {
    terminal.write(otherScreen.leave)
  }
}

/** Calls `look` at once and then at each interval; resolves when `signal` says stop. */
async function each(intervalMs: number, signal: AbortSignal, look: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await look()
    // Rejects when `signal` says stop.
    await setTimeout(intervalMs, undefined, { signal }).catch(() => undefined)
  }
}
