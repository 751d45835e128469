import Table from "cli-table3"

const sides = ["top", "bottom", "left", "right", "mid"]
const borders = sides.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`])
const noBorders = { ...Object.fromEntries(borders.map((border) => [border, ""])), middle: "  " }

/** Columns in line, without borders, so that it can be read and also cut by other tools. Ends in a line feed. */
export function table(rows: readonly (readonly string[])[], indent = ""): string {
  if (rows.length === 0) return ""
  const drawn = new Table({
    chars: noBorders,
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [], compact: true },
  })
  drawn.push(...rows.map((row) => [...row]))
  return drawn
    .toString()
    .split("\n")
    .map((line) => `${indent}${line}`.trimEnd())
    .join("\n")
    .concat("\n")
}
