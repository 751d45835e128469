import Table from "cli-table3"
import stringWidth from "string-width"
import { wrapped } from "./wrapped.ts"

const sides = ["top", "bottom", "left", "right", "mid"]
const borders = sides.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
const gap = "  "
const noBorders = { ...Object.fromEntries(borders.map((border) => [border, ""])), middle: gap }

/** The last column is made no narrower than this by a long word, which nothing stands behind: it stays whole. */
const narrowest = 12

/**
 * Columns in line, without borders, so that it can be read and also cut by other tools. A cell may have several lines.
 * Ends in a line feed.
 *
 * @param columns of the terminal: what is longer goes on below, in its own column, or, where the words of all columns do
 * not fit beside each other, below its row; `undefined`: nothing is too long
 */
export function table(
  rows: readonly (readonly string[])[],
  columns: number | undefined,
  indent = "",
): string {
  if (rows.length === 0) return ""
  const most = (columns ?? Infinity) - indent.length
  const widths = fitted(rows, most)
  const text =
    widths === undefined ? rows.map((row) => flowing(row, most - gap.length)).join("\n") : drawn(rows, widths)
  return text
    .split("\n")
    .map((line) => `${indent}${line}`.trimEnd())
    .join("\n")
    .concat("\n")
}

function drawn(rows: readonly (readonly string[])[], widths: readonly number[]): string {
  const grid = new Table({
    chars: noBorders,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  })
  grid.push(...rows.map((row) => row.map((cell, column) => wrapped(cell, widths[column]))))
  return grid.toString()
}

/** A row as lines of text: on each as many cells as fit, and no word broken, so that it can be copied. */
function flowing(row: readonly string[], most: number): string {
  const lines: string[] = []
  for (const cell of row.filter((text) => text.trim() !== "")) {
    const longer = [...lines.slice(-1), cell].join(gap)
    if (!longer.includes("\n") && stringWidth(longer) <= most) lines.splice(-1, 1, longer)
    else lines.push(wrapped(cell, most))
  }
  return lines.join("\n").replaceAll("\n", `\n${gap}`)
}

/** Of each column, its longest part, in cells of the terminal. */
function widthsOf(
  rows: readonly (readonly string[])[],
  partsOf: (cell: string) => readonly string[],
): readonly number[] {
  return (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.flatMap((row) => partsOf(row[column] ?? "").map(stringWidth))),
  )
}

/** The widest columns give way first, between words. `undefined`: that is not enough. */
function fitted(rows: readonly (readonly string[])[], most: number): readonly number[] | undefined {
  const widths = [...widthsOf(rows, (cell) => cell.split("\n"))]
  const least = widthsOf(rows, (cell) => cell.split(/\s/)).map((width, column) =>
    column === widths.length - 1 ? Math.min(width, narrowest) : width,
  )
  const slack = (column: number): number => (widths[column] ?? 0) - (least[column] ?? 0)
  while (widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) > most) {
    const yielding = [...widths.keys()].filter((column) => slack(column) > 0)
    const [widest] = yielding.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))
    if (widest === undefined) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}
