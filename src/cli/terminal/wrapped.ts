import stringWidth from "string-width"

/**
 * Prose in lines that fit, broken between words and indented as they were; a longer word, such as a path, stays whole.
 *
 * @param columns of the terminal; `undefined`: lines have no end
 */
export function wrapped(text: string, columns: number | undefined): string {
  if (columns === undefined) return text
  return text
    .split("\n")
    .map((line) => linesOf(line, columns).join("\n"))
    .join("\n")
}

function linesOf(line: string, columns: number): readonly string[] {
  const [indent = ""] = /^ */.exec(line) ?? []
  const lines: string[] = []
  for (const word of line.slice(indent.length).split(" ")) {
    const last = lines.at(-1)
    const longer = last === undefined ? undefined : `${last} ${word}`
    if (longer !== undefined && stringWidth(longer) <= columns) lines[lines.length - 1] = longer
    else lines.push(indent + word)
  }
  // Where it was broken in the middle of a gap, what is left of the gap is not wanted.
  return lines.length > 1 ? lines.map((part) => part.trimEnd()) : lines
}
