import colors from "picocolors"
import type { Moment, Tone } from "./play-scene.ts"

/** Both columns together fit on a screen of 100. */
const columnWidth = 48
const timeWidth = 8

/** Colours exist only where they are wanted: picocolors looks at the terminal, `NO_COLOR` and `FORCE_COLOR`. */
const paint: Readonly<Record<Tone, (text: string) => string>> = {
  plain: String,
  bad: colors.red,
  good: colors.green,
  notice: colors.yellow,
}

type Line = { readonly text: string; readonly tone: Tone }

/** `12 ms` and `3.04 s` right-aligned, the text beside it. */
function linesOf({ atMs, text, tone }: Moment): readonly Line[] {
  const time = atMs < 1_000 ? `${Math.round(atMs)} ms` : `${(atMs / 1_000).toFixed(1)} s`
  const parts = Bun.wrapAnsi(text, columnWidth - timeWidth).split("\n")
  return parts.map((part, index) => ({
    text: `${(index === 0 ? time : "").padStart(timeWidth - 2)}  ${part}`,
    tone,
  }))
}

/** Two timelines beside each other. */
export function sideBySide(left: readonly Moment[], right: readonly Moment[]): readonly string[] {
  const [a, b] = [left.flatMap(linesOf), right.flatMap(linesOf)]
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => row(a[index], b[index]))
}

export function headings(left: string, right: string): string {
  const indent = " ".repeat(timeWidth)
  return `${indent}${colors.bold(left.padEnd(columnWidth - timeWidth))} ${colors.dim("│")} ${indent}${colors.bold(right)}`
}

function row(left: Line | undefined, right: Line | undefined): string {
  const pad = " ".repeat(columnWidth - (left?.text.length ?? 0))
  return `${painted(left)}${pad} ${colors.dim("│")} ${painted(right)}`.trimEnd()
}

function painted(line: Line | undefined): string {
  return line === undefined ? "" : paint[line.tone](line.text)
}
