/** Longest list that stands on one line. */
const longestLine = 90

export type JsonStyle = { readonly unit: string; readonly eol: string }

/** The indentation and line ends that a text uses; two spaces where it shows none. */
export function styleOf(text: string): JsonStyle {
  return { unit: /^([ \t]+)\S/m.exec(text)?.[1] ?? "  ", eol: text.includes("\r\n") ? "\r\n" : "\n" }
}

/**
 * A value as a person would write it: objects over several lines, short lists of plain values on one.
 *
 * @param indent of the line that the value begins on
 */
export function jsonText(value: unknown, style: JsonStyle, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value)
  const inner = indent + style.unit
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((item: unknown) => jsonText(item, style, inner))
    : Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item, style, inner)}`)
  const [open, close] = isList ? ["[", "]"] : ["{", "}"]
  const line = `${open}${parts.join(", ")}${close}`
  if (parts.length === 0) return `${open}${close}`
  const isPlain = isList && !line.includes("\n") && !line.includes("{")
  if (isPlain && line.length <= longestLine) return line
  return `${open}${style.eol}${inner}${parts.join(`,${style.eol}${inner}`)}${style.eol}${indent}${close}`
}
