/** Characters of the longest line of OpenCode 2's dialog, and columns beside it where the terminal is narrower (2.0.15). */
const widest = 52
const sides = 6
/** Lines of the dialog besides its text. */
const frame = 5
const more = "… (a taller window shows the rest)"

/**
 * A text as far as OpenCode 2's dialog has room for it: it begins below the first quarter of the screen, and what does
 * not fit cannot be reached.
 *
 * @param screen the terminal's
 */
export function fitLines(
  text: string,
  { rows, columns }: { readonly rows: number; readonly columns: number },
): string {
  const width = Math.max(1, Math.min(widest, columns - sides))
  const room = Math.max(3, Math.floor(rows * 0.75) - frame)
  const lines = text.split("\n")
  let left = room
  for (const [index, line] of lines.entries()) {
    const taken = linesOf(line, width)
    const isLast = index === lines.length - 1
    if (taken > (isLast ? left : left - 1)) return [...lines.slice(0, index), more].join("\n")
    left -= taken
  }
  return text
}

/** How many lines a text takes that is broken between words, and within those that are longer than a line. */
function linesOf(text: string, width: number): number {
  return text.match(new RegExp(`.{1,${width}}(?: |$)|.{1,${width}}`, "g"))?.length ?? 1
}
