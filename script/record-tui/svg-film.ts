import type { Row } from "./screen.ts"
import { cell, drawnRow, escaped, round, terminal } from "./svg-row.ts"

/** One picture of the film. */
export type Frame = {
  readonly rows: readonly Row[]
  /** What happens in it, in a few words: stands under the terminal. */
  readonly caption: string
  readonly shownMs: number
}

export type Size = { readonly columns: number; readonly rows: number }

const margin = 12
const captionHeight = 34
const captionColors = { background: "#1c2128", foreground: "#adbac7", done: "#539bf5", left: "#373e47" }

/**
 * The frames as one SVG that moves by CSS alone, so that it also does as an `<img>`. Where nothing moves (reduced
 * motion, a converter) the last frame is seen. Rows that stay the same are stored once.
 */
export function svgFilm(title: string, frames: readonly Frame[], size: Size): string {
  const width = size.columns * cell.width + margin * 2
  const height = size.rows * cell.height + margin * 2 + captionHeight
  const totalMs = frames.reduce((sum, frame) => sum + frame.shownMs, 0)
  const rowIds = new Map<string, string>()
  const groups = frames.map(({ rows, caption }, index) => {
    const uses = rows.flatMap((row, line) => useOf(drawnRow(row, line), rowIds)).join("")
    return `<g class="frame f${index}"><g transform="translate(${margin},${margin})" shape-rendering="crispEdges">${uses}</g>${captionOf(caption, index, frames.length, width, height)}</g>`
  })
  const definitions = [...rowIds].map(([content, id]) => `<g id="${id}">${content}</g>`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" xml:space="preserve" fill="${terminal.foreground}" role="img" aria-label="${escaped(title)}">`,
    `<title>${escaped(title)}</title>`,
    `<style>${styles(frames, totalMs)}</style>`,
    `<rect width="100%" height="100%" rx="8" fill="${terminal.background}"/>`,
    `<defs>${definitions.join("\n")}</defs>`,
    ...groups,
    "</svg>",
    "",
  ].join("\n")
}

/** Hard cuts: each frame is visible for its share of the whole, and the last one when nothing moves. */
function styles(frames: readonly Frame[], totalMs: number): string {
  const percent = (ms: number): string => `${round((ms / totalMs) * 100)}%`
  let startMs = 0
  const moving = frames.map(({ shownMs }, index) => {
    const [from, to] = [percent(startMs), percent(startMs + shownMs)]
    startMs += shownMs
    const before = from === "0%" ? "" : `0%{visibility:hidden}`
    const after = to === "100%" ? "" : `${to}{visibility:hidden}`
    return `@keyframes k${index}{${before}${from}{visibility:visible}${after}}.f${index}{animation:k${index} ${totalMs}ms step-end infinite}`
  })
  return [
    `text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;white-space:pre}`,
    `.caption{font:15px system-ui,-apple-system,"Segoe UI","DejaVu Sans",sans-serif}`,
    `.frame:not(.f${frames.length - 1}){visibility:hidden}`,
    `@media (prefers-reduced-motion:no-preference){${moving.join("")}}`,
  ].join("\n")
}

/** The place belongs to the content: the same words in another row are another row. */
function useOf(content: string, ids: Map<string, string>): readonly string[] {
  if (content === "") return []
  const id = ids.get(content) ?? `r${ids.size}`
  ids.set(content, id)
  return [`<use href="#${id}"/>`]
}

function captionOf(text: string, index: number, count: number, width: number, height: number): string {
  const top = height - captionHeight
  const dots = Array.from({ length: count }, (_, dot) => {
    const fill = dot <= index ? captionColors.done : captionColors.left
    return `<circle cx="${round(width - margin - 8 - (count - 1 - dot) * 16)}" cy="${round(top + captionHeight / 2)}" r="4" fill="${fill}"/>`
  })
  return (
    `<path d="M0 ${round(top)}H${round(width)}V${round(height - 8)}a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z" fill="${captionColors.background}"/>` +
    `<text class="caption" fill="${captionColors.foreground}" x="${margin}" y="${round(top + 22)}">${escaped(text)}</text>${dots.join("")}`
  )
}
