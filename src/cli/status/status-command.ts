import type { Settings } from "../../config/schema.ts"
import { CommandError } from "../command-error.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import { loadOwnSettings, noteBrokenFiles } from "../load-own-settings.ts"
import { runAgainOnBun } from "../opencode/bun-runtime.ts"
import { writeJson, writeJsonLine } from "../terminal/json.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { drawStatus } from "./draw-status.ts"
import type { HealthSnapshot } from "./sqlite-reader.ts"
import { type OpenedHealth, openHealth } from "./health.ts"
import { statusJson } from "./status-json.ts"
import { type StatusReport, statusReport } from "./status-report.ts"
import { each, redraw } from "./watch.ts"

export type StatusOptions = {
  readonly json: boolean
  readonly watch: boolean
  /** Seconds. */
  readonly interval: number
  /** Milliseconds. */
  readonly since: number
  readonly limit: number
  readonly session?: string
  readonly opencode?: string
}

/** `understudy status`: what the OpenCode processes of this machine know of the models. */
export async function statusCommand(terminal: Terminal, options: StatusOptions): Promise<ExitCode> {
  if (options.watch && !options.json && !terminal.isInteractive)
    throw new CommandError(
      "--watch draws on a terminal, and there is none. Leave it out, or add --json.",
      exitCodes.usage,
    )
  const own = await loadOwnSettings(terminal)
  noteBrokenFiles(terminal, own)
  const { settings } = own
  const health = await openHealth(settings.runtime_fallback, terminal)
  if (health.state === "needs-bun") return onBun(terminal, health.where, options.opencode)
  if (health.state === "unreadable") throw unreadable(health)
  if (health.state === "private")
    terminal.note(
      'The setting store is "memory": each OpenCode keeps its own health, which cannot be seen from here.',
    )
  return show(terminal, options, health, settings.runtime_fallback)
}

async function onBun(terminal: Terminal, where: string, chosen: string | undefined): Promise<ExitCode> {
  const exitCode = await runAgainOnBun(terminal, chosen)
  if (exitCode !== undefined) return exitCode
  throw new CommandError(
    `${where} can only be read on Bun or on Node 22.13 and newer (this is Node ${process.versions.node}). ` +
      "Neither bun nor opencode, which has one inside, was found; put one on the PATH.",
    exitCodes.unavailable,
  )
}

function unreadable({ where, why }: Extract<OpenedHealth, { state: "unreadable" }>): CommandError {
  return new CommandError(
    `${where} cannot be read (${why}). OpenCode sets a damaged file aside at its next start; ` +
      "check the permissions, or delete the file: it holds nothing but health and the journal.",
    exitCodes.unavailable,
  )
}

const nothing: HealthSnapshot = { circuits: [], journal: [], limits: [] }

type Readable = Extract<OpenedHealth, { state: "open" | "empty" | "private" }>

/** Looks at the store anew each time: it may appear, or be set aside, while somebody watches. */
function follow(first: Readable, reopen: () => Promise<OpenedHealth>): () => Promise<HealthSnapshot> {
  let health: OpenedHealth = first
  return async () => {
    if (health.state === "empty" || health.state === "unreadable") health = await reopen()
    if (health.state !== "open") return nothing
    try {
      return health.read()
    } catch {
      // Locked or replaced between two looks: opening it again tells which.
      await health.close()
      health = await reopen()
      return health.state === "open" ? health.read() : nothing
    }
  }
}

async function show(
  terminal: Terminal,
  options: StatusOptions,
  health: Readable,
  runtime: Settings["runtime_fallback"],
): Promise<ExitCode> {
  const where = health.state === "private" ? undefined : health.where
  const snapshot = follow(health, () => openHealth(runtime, terminal))
  const look = async (): Promise<StatusReport> =>
    statusReport(
      await snapshot(),
      {
        sinceMs: options.since,
        limit: options.limit,
        sessionID: options.session,
        longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
      },
      terminal.now(),
    )
  const draw = async (): Promise<string> => drawStatus(await look(), where ?? "memory", terminal.colors)
  if (options.session !== undefined && !options.watch) await refuseUnknownSession(options.session, snapshot)
  if (options.watch) await watch(terminal, options, look, where, draw)
  else if (options.json) writeJson(terminal, statusJson(await look(), where))
  else terminal.write(await draw())
  return exitCodes.fine
}

async function refuseUnknownSession(session: string, snapshot: () => Promise<HealthSnapshot>): Promise<void> {
  const { journal } = await snapshot()
  if (journal.some(({ sessionID }) => sessionID === session)) return
  throw new CommandError(
    `Nothing is on record of session ${session}: there is none of that name, or no model has failed in it.`,
    exitCodes.findings,
  )
}

async function watch(
  terminal: Terminal,
  options: StatusOptions,
  look: () => Promise<StatusReport>,
  where: string | undefined,
  draw: () => Promise<string>,
): Promise<void> {
  const stop = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort())
  const intervalMs = options.interval * 1_000
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
