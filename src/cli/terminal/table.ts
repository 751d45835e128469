import Table from "cli-table3"
import { stripVTControlCharacters } from "node:util"
import stringWidth from "string-width"

const sides = ["top", "bottom", "left", "right", "mid"]
const borders = sides.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
const gap = "  "
/** What the code of a colour begins with. */
const escape = "\u001B"
const noBorders = { ...Object.fromEntries(borders.map((border) => [border, ""])), middle: gap }

/** No column is made narrower than this by breaking its words. */
const narrowest = 12

/**
 * Columns in line, without borders, so that it can be read and also cut by other tools. A cell may have several lines.
 * Ends in a line feed.
 *
 * @param columns of the terminal: what is longer goes on below, in its own column; `undefined`: nothing is too long
 */
export function table(
  rows: readonly (readonly string[])[],
  columns: number | undefined,
  indent = "",
): string {
  if (rows.length === 0) return ""
  const natural = widthsOf(rows, (cell) => cell.split("\n"))
  const words = widthsOf(rows, (cell) => cell.split(/\s/))
  const widths = fitted(natural, words, (columns ?? Infinity) - indent.length)
  const isNarrowed = (column: number): boolean => (widths[column] ?? 0) < (natural[column] ?? 0)
  const drawn = new Table({
    chars: noBorders,
    colWidths: widths.map((width, column) => (isNarrowed(column) ? width : null)),
    wordWrap: true,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  })
  const brokenIn = (cell: string, column: number): string =>
    isNarrowed(column) ? withBrokenWords(cell, widths[column] ?? 0) : cell
  drawn.push(...rows.map((row) => row.map(brokenIn)))
  return drawn
    .toString()
    .split("\n")
    .map((line) => `${indent}${line}`.trimEnd())
    .join("\n")
    .concat("\n")
}

/** The library cuts a word that is longer than its column. Some characters take two of a terminal's cells. */
function withBrokenWords(cell: string, width: number): string {
  const most = isWide(cell) ? Math.floor(width / 2) : width
  const pieces = new RegExp(`${escape}\\[\\d+m|[^\\s${escape}]{${most}}(?=[^\\s${escape}])`, "gu")
  return cell.replaceAll(pieces, (piece) => (piece.startsWith(escape) ? piece : `${piece}\n`))
}

function isWide(cell: string): boolean {
  return stringWidth(cell) > stripVTControlCharacters(cell).length
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

/** The widest columns give way first: between words, and only where that is not enough inside of them. */
function fitted(natural: readonly number[], words: readonly number[], most: number): readonly number[] {
  const broken = words.map((width) => Math.min(width, narrowest))
  return [words, broken].reduce((widths, least) => narrowed(widths, least, most), natural)
}

function narrowed(from: readonly number[], least: readonly number[], most: number): readonly number[] {
  const widths = [...from]
  const slack = (column: number): number => (widths[column] ?? 0) - (least[column] ?? 0)
  const isTooWide = (): boolean =>
    widths.reduce((sum, width) => sum + width, gap.length * (widths.length - 1)) > most
  while (isTooWide()) {
    const yielding = [...widths.keys()].filter((column) => slack(column) > 0)
    const [widest] = yielding.toSorted((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))
    if (widest === undefined) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}
