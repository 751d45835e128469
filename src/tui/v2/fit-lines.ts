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

/** How many lines a text takes that is broken between words. */
function linesOf(text: string, width: number): number {
  let lines = 1
  let at = 0
  for (const { length } of text.split(" ")) {
    if (at > 0 && at + 1 + length > width) {
      lines += 1
      at = 0
    }
    at += at > 0 ? 1 + length : length
    lines += Math.max(0, Math.ceil(at / width) - 1)
    at = at > width ? at % width : at
  }
  return lines
}
