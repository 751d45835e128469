import type { Row, Run, Style } from "./screen.ts"

/** Of one character, in the units of the picture. */
export const cell = { width: 8.4, height: 18 } as const

/** What OpenCode leaves to the terminal; the background is its own, as tmux gives it with 256 colours. */
export const terminal = { background: "#080808", foreground: "#eeeeee" } as const

/** Distance of the base line from the top of the row. */
const baseline = 13.5

/**
 * Characters that fill a part of their cell, as x, y, width and height in shares of it: fonts leave gaps between
 * them, rectangles do not.
 */
const blocks: Readonly<Record<string, readonly [number, number, number, number]>> = {
  "█": [0, 0, 1, 1],
  "▀": [0, 0, 1, 0.5],
  "▄": [0, 0.5, 1, 0.5],
  "┃": [0.4, 0, 0.25, 1],
  "╹": [0.4, 0, 0.25, 0.5],
  "╻": [0.4, 0.5, 0.25, 0.5],
  "■": [0.1, 0.32, 0.8, 0.4],
  "⬝": [0.35, 0.44, 0.3, 0.15],
}

/** SVG of one row of the terminal; empty for a blank one. */
export function drawnRow(row: Row, line: number): string {
  return row.map((run) => drawnRun(run, line * cell.height)).join("")
}

function drawnRun({ column, text, style }: Run, top: number): string {
  const characters = Array.from(text)
  const { foreground, background } = colorsOf(style)
  const drawn =
    background === terminal.background
      ? []
      : [rectangle(column * cell.width, top, characters.length * cell.width, cell.height, background)]
  for (const piece of pieces(characters)) {
    const at = (column + piece.offset) * cell.width
    const block = blocks[piece.text[0] ?? ""]
    if (block) {
      const [x, y, width, height] = block
      const length = (piece.length - 1) * cell.width + width * cell.width
      const spread = width === 1 ? length : width * cell.width
      drawn.push(
        rectangle(at + x * cell.width, top + y * cell.height, spread, height * cell.height, foreground),
      )
    } else drawn.push(words(piece, at, top, foreground, style))
  }
  return drawn.join("")
}

type Piece = { readonly offset: number; readonly text: string; readonly length: number }

/** Stretches of words without blanks around them, and stretches of one and the same block. */
function pieces(characters: readonly string[]): readonly Piece[] {
  const found = characters
    .join("")
    .matchAll(/([█▀▄])\1*|[┃╹╻■⬝]|[^█▀▄┃╹╻■⬝\s](?:[^█▀▄┃╹╻■⬝]*[^█▀▄┃╹╻■⬝\s])?/gu)
  return [...found].map((match) => {
    const offset = Array.from(characters.join("").slice(0, match.index)).length
    return { offset, text: match[0], length: Array.from(match[0]).length }
  })
}

function words(piece: Piece, x: number, top: number, fill: string, style: Style): string {
  const attributes = [
    `x="${round(x)}"`,
    `y="${round(top + baseline)}"`,
    `textLength="${round(piece.length * cell.width)}"`,
    ...(fill === terminal.foreground ? [] : [`fill="${fill}"`]),
    ...(style.bold ? ['font-weight="bold"'] : []),
    ...(style.italic ? ['font-style="italic"'] : []),
    ...(style.underline ? ['text-decoration="underline"'] : []),
    ...(style.faint ? ['opacity=".6"'] : []),
  ]
  return `<text ${attributes.join(" ")}>${escaped(piece.text)}</text>`
}

function colorsOf(style: Style): { readonly foreground: string; readonly background: string } {
  const foreground = style.foreground ?? terminal.foreground
  const background = style.background ?? terminal.background
  return style.inverse ? { foreground: background, background: foreground } : { foreground, background }
}

function rectangle(x: number, y: number, width: number, height: number, fill: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}"/>`
}

export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;")
}

/** One digit behind the point is finer than any screen shows. */
export function round(value: number): string {
  return String(Math.round(value * 10) / 10)
}
