/** The number of the line, from 0, that ends the front matter of a Markdown file; -1: it has none. */
export function frontMatterEnd(lines: readonly string[]): number {
  if (lines[0]?.replace("\uFEFF", "").trimEnd() !== "---") return -1
  return lines.findIndex((line, index) => index > 0 && line.trimEnd() === "---")
}

/** The key that a line of front matter begins with, at the top level. */
export function frontMatterKey(line: string): string | undefined {
  return /^(["']?)([\w-]+)\1\s*:/.exec(line)?.[2]
}

/** The YAML in front of a Markdown file's text; empty where there is none. */
export function frontMatter(text: string): string {
  return /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\s*(?:\n|$)/.exec(text)?.[1] ?? ""
}
