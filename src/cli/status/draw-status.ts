import { explainKind } from "../../core/classify/explain-kind.ts"
import { describeDuration } from "../../core/describe-duration.ts"
import { accountName } from "../../core/limits/account.ts"
import { describeWindow } from "../../core/limits/limit-window.ts"
import { remedyFor } from "../../core/remedy-for.ts"
import type { JournalEntry } from "../../store/store.ts"
import { table } from "../terminal/table.ts"
import type { Canvas, Colors } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import type { JournalStatistics } from "./journal-statistics.ts"
import type { CircuitRow, StatusReport } from "./status-report.ts"

const barWidth = 24

/** The whole picture as text. Ends in a line feed. */
export function drawStatus(report: StatusReport, where: string | undefined, canvas: Canvas): string {
  const { colors, columns } = canvas
  const sections = [
    `${wrapped(`${colors.bold("Health")}  ${colors.dim(where ?? "memory")}`, columns)}\n${drawCircuits(report, canvas)}`,
    ...(report.limits.length === 0 ? [] : [`${colors.bold("Limits")}\n${drawLimits(report, canvas)}`]),
    `${colors.bold("Journal")}\n${drawJournal(report, canvas)}`,
    drawStatistics(report.statistics, canvas),
  ]
  return sections.join("\n")
}

function drawCircuits({ circuits, at }: StatusReport, { colors, columns }: Canvas): string {
  if (circuits.length === 0) return "  No model is cooling down.\n"
  return table(
    circuits.map((row) => [
      mark(row, colors),
      nameOf(row),
      explainKind(row.kind),
      standing(row, at),
      `${row.failures} in a row`,
    ]),
    columns,
    "  ",
  )
}

function nameOf({ subject, isProvider, keyNumber }: CircuitRow): string {
  if (keyNumber !== undefined) return `${subject}, key ${keyNumber}`
  return isProvider ? `${subject} (all its models)` : subject
}

function mark(row: CircuitRow, colors: Colors): string {
  if (row.state === "open" || row.state === "held") return colors.red("x")
  return row.state === "probing" ? colors.yellow("~") : colors.green("o")
}

function standing(row: CircuitRow, now: number): string {
  switch (row.state) {
    case "held":
      return "held by hand"
    case "probing":
      return "being tried right now"
    case "ready":
      return "its cooldown is over; the next request tries it"
    case "open":
      return whatToDo(row) ?? `back in ${describeDuration((row.backAt ?? now) - now)}`
  }
}

function whatToDo({ subject, isProvider, kind }: CircuitRow): string | undefined {
  return remedyFor(kind, isProvider ? subject : (subject.split("/", 1)[0] ?? subject))
}

function drawLimits({ limits, at }: StatusReport, { colors, columns }: Canvas): string {
  return table(
    limits.flatMap((account) =>
      account.windows.map((window, index) => [
        index === 0 ? accountName(account) : "",
        colors.yellow(bar(window.usedPercent, 100, barWidth)),
        describeWindow(window, at),
      ]),
    ),
    columns,
    "  ",
  )
}

function drawJournal({ journal }: StatusReport, { colors, columns }: Canvas): string {
  if (journal.length === 0) return "  Nothing has happened yet.\n"
  return table(
    journal.map((entry) => [
      localTime(entry.at),
      paint(entry, colors),
      entry.to === undefined ? entry.from : `${entry.from} -> ${entry.to}`,
      entry.kind === undefined ? (entry.cause ?? "") : explainKind(entry.kind),
      entry.durationMs === undefined ? "" : `${entry.durationMs} ms`,
    ]),
    columns,
    "  ",
  )
}

function paint({ event }: JournalEntry, colors: Colors): string {
  if (event === "returned") return colors.green(event)
  return event === "switched" ? colors.yellow(event) : colors.red(event)
}

/** `2026-11-21 07:00:05`, which is the Swedish way, in the clock of the person who reads it. */
function localTime(time: number): string {
  return new Date(time).toLocaleString("sv-SE")
}

function drawStatistics(statistics: JournalStatistics, { colors, columns }: Canvas): string {
  const { byModel, byProvider, since, until } = statistics
  const head = `${colors.bold("Summary")}  ${colors.dim(`the last ${describeDuration(until - since)}`)}\n`
  if (byModel.length === 0) return `${head}  No switches.\n`
  const mostSwitches = Math.max(...byModel.map((row) => row.switches))
  const mostLost = Math.max(...byProvider.map((row) => row.lostMs))
  const models = table(
    byModel.map((row) => [
      row.model,
      colors.yellow(bar(row.switches, mostSwitches, barWidth)),
      String(row.switches),
      kindsText(row.kinds),
    ]),
    columns,
    "  ",
  )
  const providers = table(
    byProvider.map((row) => [
      row.provider,
      colors.red(bar(row.lostMs, mostLost, barWidth)),
      describeDuration(row.lostMs),
      standingText[row.standing],
      row.meanRecoveryMs === undefined ? "" : `${describeDuration(row.meanRecoveryMs)} on average`,
    ]),
    columns,
    "  ",
  )
  return [
    head,
    `  ${totalsText(statistics)}\n`,
    `\n  ${colors.dim("switches away from a model")}\n${models}`,
    `\n  ${colors.dim("time lost to a provider")}\n${providers}`,
  ].join("")
}

const standingText = { out: "not back yet", unasked: "not asked since", back: "back" } as const

function totalsText({ switches, exhausted, meanSwitchMs, meanRecoveryMs }: JournalStatistics): string {
  const parts = [`${switches} ${switches === 1 ? "switch" : "switches"}`, `${exhausted} with no model left`]
  if (meanSwitchMs !== undefined) parts.push(`${Math.round(meanSwitchMs)} ms to switch`)
  if (meanRecoveryMs !== undefined) parts.push(`${describeDuration(meanRecoveryMs)} to recover`)
  return parts.join(", ")
}

function kindsText(kinds: Readonly<Record<string, number>>): string {
  return Object.entries(kinds)
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind.replaceAll("_", " ")} ${count}`)
    .join(", ")
}

const eighths = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const

/**
 * A horizontal bar: `value` as a share of `most`, in eighths of a character. What is more than nothing is
 * always to be seen.
 *
 * @param width characters of the longest bar, at least 1
 */
export function bar(value: number, most: number, width: number): string {
  if (!(value > 0) || !(most > 0)) return ""
  const parts = Math.max(1, Math.round((Math.min(value, most) / most) * width * 8))
  return "█".repeat(Math.floor(parts / 8)) + (eighths[parts % 8] ?? "")
}
